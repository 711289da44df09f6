import type { Labels } from '../../model/labels.ts';
import type { TimeRange } from '../../model/time-range.ts';
import type { PromqlEngine } from '../../query/promql/index.ts';
import type { ClickHouse, LogStore, RedStore } from '../../stores/telemetry/index.ts';
import type { AlertForm, Comparison } from '../rules/alert-rule.ts';

export type QueryEngine = Pick<PromqlEngine, 'instant' | 'range'>;

/** Where kinds read. What is left out is not there: a rule that would need it is refused. */
export interface KindSources {
  readonly promql: QueryEngine;
  readonly logs?: Pick<LogStore, 'groups'> | undefined;
  readonly red?: Pick<RedStore, 'services' | 'operations' | 'series' | 'presence' | 'pastPresence'> | undefined;
  readonly sql?: Pick<ClickHouse, 'queryUser'> | undefined;
  /** The label sets for which an alert fires; `undefined` where there is no such alert. */
  readonly firing?: ((alertId: string) => readonly Labels[] | undefined) | undefined;
  /** What an alert has fired for in a time; `undefined` where there is no such alert. */
  readonly pastFiring?: ((alertId: string, range: TimeRange) => Promise<readonly PastFiring[] | undefined>) | undefined;
}

/** One time that an alert has fired for a label set. Unix milliseconds. */
export interface PastFiring {
  readonly labels: Labels;
  readonly from: number;
  /** Null: it fires still. */
  readonly until: number | null;
}

/** The alerts that there are, by what a person calls them. */
export interface AlertDirectory {
  readonly alerts: readonly { readonly id: string; readonly name: string; readonly members: readonly string[] }[];
  /** The alert that is being changed. */
  readonly self?: string | undefined;
  /** What it was bound to before: texts and ids. */
  readonly bound?: Readonly<Record<string, string>> | undefined;
}

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** What an evaluation found. */
export interface Found {
  readonly samples: readonly Sample[];
  /**
   * What it means that a known label set is not among them: that its value is this one; that nothing is known of it
   * (`missing`, the default); or that what was said of it last holds (`held`).
   */
  readonly absent?: number | 'missing' | 'held';
}

/** One look. Times are Unix milliseconds. */
export interface Look {
  readonly now: number;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly groupBy: readonly string[] | null;
  /** Since when data come in at all: silence before that is no silence. */
  readonly upSince: number;
  /** Since when the rule is watched as it is. */
  readonly watchedSince: number;
  /** True where label sets of their own are known to be in breach already. */
  readonly hasInstances: boolean;
}

export interface HistoryOptions {
  readonly range: TimeRange;
  /** How far apart looks should be, milliseconds. */
  readonly stepMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly groupBy: readonly string[] | null;
}

/** What looks at `start`, `start + stepMs`, ... would have found. */
export interface History {
  readonly start: number;
  readonly stepMs: number;
  readonly series: readonly {
    readonly labels: Labels;
    readonly timestamps: ArrayLike<number>;
    readonly values: ArrayLike<number>;
  }[];
  /** As of `Found`. */
  readonly absent?: Found['absent'];
}

/** What a kind makes of a form. */
interface Prepared<C> {
  readonly condition: C;
  /** The query as people see it. */
  readonly query: string | null;
  /** The word group from which the metric was inferred. */
  readonly inferredFrom?: string | null;
}

interface PrepareOptions {
  /** By the form's thresholds; null where it has none. `lowerIsWorse`: little is bad where no operator says else. */
  comparison(lowerIsWorse?: (threshold: number) => boolean): Comparison | null;
  readonly directory: AlertDirectory;
  /** What an earlier version inferred; it stands where the new words say nothing. */
  readonly knownFigure: string | null;
}

/** Fields of a form that only some kinds understand. */
export type KindField = 'metric' | 'query' | 'window' | 'red' | 'absence' | 'threshold';

/** A kind of rule: what it watches, and how that is asked. A folder each; `registry.ts` lists them. */
export interface RuleKind<C extends { readonly kind: string } = never> {
  readonly name: C['kind'];
  /** Who says that it is an alert: data that are looked at, a person, another program. */
  readonly raisedBy: 'data' | 'person' | 'sender';
  /** Which of the fields may be given. */
  readonly fields: readonly KindField[];
  /** True for the forms that are of this kind; the registry asks in its order. */
  claims(form: AlertForm): boolean;
  /** Throws 422 naming each field that does not fit. */
  prepare(form: AlertForm, options: PrepareOptions): Prepared<C>;
  /** Rejects with a `ServiceError` where the data cannot be read. */
  ask(condition: C, look: Look, sources: KindSources): Promise<Found>;
  /** The same over stored history; or why there is none to be tested on. */
  readonly history: string | ((condition: C, options: HistoryOptions, sources: KindSources) => Promise<History>);
  /** What is watched, in a line. */
  describe(condition: C): string;
  /** PromQL that gives what fires, where there is any. */
  expression?(condition: C): string;
}
