import type { ChannelName } from '../../model/notification-request.ts';
import type { Severity } from '../../model/severity.ts';
import type { OnCallHours } from '../on-call/schedule.ts';

/** Somebody to be told. Who is on call by a schedule is found out when a step runs. */
export type EscalationTarget =
  | { readonly user: string }
  /** Id or name of an on-call schedule. */
  | { readonly schedule: string }
  /** An empty address: the channel's configured endpoint. May hold a secret. */
  | { readonly channel: ChannelName; readonly address: string }
  /** A receiver of the routing. */
  | { readonly receiver: string };

export interface EscalationConditions {
  /** Outside of them the step waits. Empty: always. */
  readonly hours: readonly OnCallHours[];
  readonly timeZone: string;
  /** Below it the step is passed over. */
  readonly minSeverity: Severity | null;
  /** The step waits, for its delay at most, until the alert has fired so often. */
  readonly count: { readonly atLeast: number; readonly withinMs: number } | null;
}

export interface EscalationStep {
  /** How long those who are told have before the next step runs, milliseconds. */
  readonly delayMs: number;
  readonly targets: readonly EscalationTarget[];
  /** `high` passes preferences over; null: by the severity, from `error` on. */
  readonly urgency: 'high' | 'low' | null;
  readonly conditions: EscalationConditions;
}

/** Who is told in which order until somebody acknowledges. */
export interface EscalationPolicy {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly steps: readonly EscalationStep[];
  /** How often the steps are begun anew, 0 to 5. */
  readonly repeat: number;
  /** Told where a step reaches nobody. */
  readonly fallback: readonly EscalationTarget[];
  /** How long an acknowledgement of a critical alert holds unless it says so itself; null: until the alert ends. */
  readonly ackTimeoutMs: number | null;
  /** `file`: the configuration file has it. */
  readonly origin: 'api' | 'file';
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type EscalationPolicyForm = Omit<EscalationPolicy, 'id' | 'origin' | 'createdAt' | 'updatedAt'>;

export const ACK_TIMEOUT_MS = 4 * 3_600_000;
export const MOST_REPEATS = 5;
/** The shortest delay of a step: people need time to answer. */
export const SHORTEST_DELAY_MS = 30_000;
export const ALWAYS: EscalationConditions = { hours: [], timeZone: 'UTC', minSeverity: null, count: null };
