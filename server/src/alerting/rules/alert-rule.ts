import type { ChannelName } from '../../model/notification-request.ts';
import type { Severity } from '../../model/severity.ts';

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

/** What a person says about an alert; everything but the name may be left out (null, or the default). */
export interface AlertForm {
  readonly name: string;
  readonly description: string;
  readonly severity: Severity;
  readonly service: string | null;
  readonly metric: string | null;
  readonly query: string | null;
  readonly operator: Operator | null;
  readonly threshold: number | null;
  readonly recoveryThreshold: number | null;
  /** Several severities in one rule, instead of `threshold`. */
  readonly thresholds: readonly SeverityThreshold[] | null;
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly intervalMs: number;
  /** What it means that there are no data at all. */
  readonly noData: 'keep_last' | 'fire' | 'resolve';
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

export interface SeverityThreshold {
  readonly severity: Severity;
  readonly threshold: number;
}

/** What is watched, and when it is an alert. */
export type Condition =
  | {
      readonly kind: 'threshold';
      readonly query: string;
      readonly operator: Operator;
      /** Worst severity first; at least one. */
      readonly levels: readonly SeverityThreshold[];
      readonly recoveryThreshold: number | null;
    }
  /** Whatever the query returns is an alert, as in Prometheus' rule files. */
  | { readonly kind: 'presence'; readonly query: string }
  /** Raised by somebody; no data of ours. */
  | { readonly kind: 'manual' }
  /** Raised by another program, which says when it is over; all its alerts of one name. */
  | { readonly kind: 'external' };

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
  readonly condition: Condition;
  /** The rule file that it comes from; absent where somebody made it here. */
  readonly origin?: RuleOrigin | undefined;
  /** The word group from which the metric was inferred, or null. */
  readonly inferredFrom: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}
