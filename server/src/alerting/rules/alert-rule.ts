import type { ChannelName } from '../../model/notification-request.ts';
import type { Severity } from '../../model/severity.ts';
import type { Condition } from '../kinds/registry.ts';

export type Operator = '>' | '>=' | '<' | '<=' | '==' | '!=';

interface Notify {
  readonly users: readonly string[];
  /** Null: the recipients' preferences decide. */
  readonly channels: readonly ChannelName[] | null;
  /** A receiver of the routing, in place of users and channels. Rules stored by older versions do not have it. */
  readonly receiver?: string | null;
  /** An escalation policy, besides the others or alone. Rules stored by older versions do not have it. */
  readonly escalationPolicyId?: string | null;
}

type SilencePolicy = 'keep_last' | 'fire' | 'resolve';

type QueryLanguage = 'promql' | 'logs' | 'trace' | 'sql' | 'alerts';

/** Requests of services as their spans tell of them. */
export interface RedForm {
  /** Null: the alert's service, else each service by itself. */
  readonly service: string | null;
  /** Null: all operations together. */
  readonly operation: string | null;
  readonly environment: string | null;
  /** `rate` in requests per second, latencies in milliseconds. */
  readonly figure: 'rate' | 'error_percent' | 'p50' | 'p95' | 'p99';
  /** Fewer requests in the window are no data. */
  readonly minRequests: number;
}

/** What a person says about an alert; everything but the name may be left out (null, or the default). */
export interface AlertForm {
  readonly name: string;
  readonly description: string;
  readonly severity: Severity;
  readonly service: string | null;
  readonly metric: string | null;
  readonly query: string | null;
  readonly queryLanguage: QueryLanguage;
  /** How far back an evaluation looks, where the kind counts over a window; null: its default. */
  readonly windowMs: number | null;
  readonly red: RedForm | null;
  /** Silence of what is watched is the alert. */
  readonly absence: { readonly forMs: number } | null;
  readonly operator: Operator | null;
  readonly threshold: number | null;
  readonly recoveryThreshold: number | null;
  /** Several severities in one rule, instead of `threshold`. */
  readonly thresholds: readonly SeverityThreshold[] | null;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly intervalMs: number;
  /** What it means that there are no data at all. */
  readonly noData: SilencePolicy;
  /** What it means that the data cannot be read. */
  readonly onError: SilencePolicy;
  /** Evaluations in a row without data, or that fail, that are nothing unusual: clocks stand still meanwhile. */
  readonly missingTolerance: number;
  /** What it means that a label set is missing while others are there, once it was for `seriesNoDataAfterMs`. */
  readonly seriesNoData: SilencePolicy;
  readonly seriesNoDataAfterMs: number;
  /** Null: all labels of the result tell instances apart. */
  readonly groupBy: readonly string[] | null;
  readonly labels: Readonly<Record<string, string>>;
  /** Liquid templates. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Null: the default recipients. */
  readonly notify: Notify | null;
  readonly enabled: boolean;
  /** When a manual alert ends by itself, Unix milliseconds. */
  readonly endsAt: number | null;
}

/** A form of which only the name is given. */
export const FORM_DEFAULTS: Omit<AlertForm, 'name'> = {
  description: '',
  severity: 'warning',
  service: null,
  metric: null,
  query: null,
  queryLanguage: 'promql',
  windowMs: null,
  red: null,
  absence: null,
  operator: null,
  threshold: null,
  recoveryThreshold: null,
  thresholds: null,
  forMs: 0,
  keepFiringForMs: 0,
  intervalMs: 15_000,
  noData: 'keep_last',
  onError: 'keep_last',
  missingTolerance: 2,
  seriesNoData: 'resolve',
  seriesNoDataAfterMs: 3_600_000,
  groupBy: null,
  labels: {},
  annotations: {},
  notify: null,
  enabled: true,
  endsAt: null,
};

export interface SeverityThreshold {
  readonly severity: Severity;
  readonly threshold: number;
}

/** When a value is an alert. */
export interface Comparison {
  readonly operator: Operator;
  /** Worst severity first; at least one. */
  readonly levels: readonly SeverityThreshold[];
  readonly recoveryThreshold: number | null;
}

/** Where in the rule files a rule stands. */
export interface RuleOrigin {
  readonly file: string;
  readonly group: string;
  /** Name of the rule there. */
  readonly alert: string;
  /** Among the rules of its name in the group, from 0. */
  readonly occurrence: number;
}

/** A rule as it is stored and evaluated: one version of it. */
export interface AlertRule extends AlertForm {
  readonly id: string;
  readonly version: number;
  /** What is watched, and when it is an alert. */
  readonly condition: Condition;
  /** The rule file that it comes from; absent where somebody made it here. */
  readonly origin?: RuleOrigin | undefined;
  /** The configuration file lists it: what it is, is decided there. */
  readonly provisioned?: true | undefined;
  /** The word group from which the metric was inferred, or null. */
  readonly inferredFrom: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}
