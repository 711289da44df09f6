import type { Severity } from '../../model/severity.ts';

/** What one label set of a rule is doing. `inactive` is kept only for a condition that was closed by hand. */
export type StateName = 'inactive' | 'pending' | 'firing' | 'recovering';

/** Why a condition counts as met: by its value, or because no data came, or they cannot be read, and that is an alert. */
export type BreachReason = 'condition' | 'no_data' | 'error';

/** Everything the state machine remembers of one label set. Plain JSON; times are Unix milliseconds. */
export interface InstanceState {
  readonly name: StateName;
  /** When it entered this state. */
  readonly since: number;
  /** When the condition began to hold. */
  readonly startedAt: number;
  /** How long the present hold (`for` while pending, `keep_firing_for` while recovering) has been observed. */
  readonly heldMs: number;
  /** Time of the newest observation. */
  readonly observedAt: number;
  /** Evaluations in a row without data, and when that began. */
  readonly missing: { readonly count: number; readonly since: number } | null;
  /** The newest value; null where there is none to show. */
  readonly value: number | null;
  /** The worst value of the episode. */
  readonly peak: number | null;
  /** The worst severity of the episode, by the rule as it is now. */
  readonly severity: Severity;
  readonly reason: BreachReason;
  /** Closed by hand: stays closed until the condition was clear once, or until this time (null: no end). */
  readonly closed: { readonly until: number | null } | null;
}
