import type { LabelMatcher } from '../../model/label-matcher.ts';
import type { CompiledMatchers } from '../routing/label-matchers.ts';

/** Alerts that match and share the values of `keys` within the window are one incident. */
export interface CorrelationRule {
  readonly id: string;
  readonly name: string;
  readonly matchers: CompiledMatchers;
  /** Labels that must be there and equal. */
  readonly keys: readonly string[];
  /** Since the incident's alerts with these keys last fired or ended, milliseconds. */
  readonly windowMs: number;
  readonly enabled: boolean;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** True: of the configuration file, where alone it can be changed. */
  readonly isConfigured: boolean;
}

/** What decides which alerts belong together. Times are milliseconds. */
export interface CorrelationSettings {
  /** Where no rule matches: alerts of one service within this time of each other. */
  readonly windowMs: number;
  /** An alert of a service within this time of one of a service it depends on; 0: never. */
  readonly topologyWindowMs: number;
  /** How long after its end an incident is taken up again. */
  readonly reopenWindowMs: number;
}

/** A rule of the configuration file. */
export interface ConfiguredCorrelationRule {
  readonly name: string;
  readonly matchers: readonly LabelMatcher[];
  readonly keys: readonly string[];
  readonly windowMs: number;
}

export interface ConfiguredCorrelation extends CorrelationSettings {
  readonly rules: readonly ConfiguredCorrelationRule[];
}

const FIVE_MINUTES_MS = 300_000;

export const DEFAULT_CORRELATION: ConfiguredCorrelation = {
  windowMs: FIVE_MINUTES_MS,
  topologyWindowMs: FIVE_MINUTES_MS,
  reopenWindowMs: FIVE_MINUTES_MS,
  rules: [],
};
