import type { Expression } from '../../query/promql/index.ts';

/** A rule file of Prometheus. https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/ */
export interface RuleFile {
  readonly groups: readonly RuleGroup[];
}

/** Rules that are evaluated one after the other, at one time. Durations are milliseconds. */
export interface RuleGroup {
  readonly name: string;
  /** Left out: the evaluation interval of the configuration. */
  readonly intervalMs: number | undefined;
  /** So far behind the clock its rules look. */
  readonly queryOffsetMs: number | undefined;
  /** Most series or alerts that one rule may make; more is an error of the rule. 0: no limit. */
  readonly limit: number;
  /** Added to what its rules make, below their own labels. */
  readonly labels: Readonly<Record<string, string>>;
  readonly rules: readonly FileRule[];
  /** Where it begins in the file, from 1. */
  readonly line: number;
}

export type FileRule = RecordingRule | AlertingRule;

interface CommonRule {
  readonly name: string;
  /** PromQL as it was written. */
  readonly query: string;
  readonly expression: Expression;
  readonly labels: Readonly<Record<string, string>>;
  readonly line: number;
}

/** Stores what a query gives as series of a new name. */
export interface RecordingRule extends CommonRule {
  readonly kind: 'record';
}

/** Whatever its query gives is an alert. Labels and annotations are templates. */
export interface AlertingRule extends CommonRule {
  readonly kind: 'alert';
  readonly forMs: number;
  readonly keepFiringForMs: number;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What is wrong in a file, and where (from 1). */
export interface RuleFileProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}
