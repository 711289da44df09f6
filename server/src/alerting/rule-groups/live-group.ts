import type { LiveRule } from '../evaluation/live-rule.ts';
import type { FileRule, RuleGroup } from '../rule-files/rule-file.ts';
import { SeriesEnds } from './series-ends.ts';

/** A rule of a group at work. */
export interface LiveGroupRule {
  readonly rule: FileRule;
  /** Of an alerting rule. */
  readonly live: LiveRule | undefined;
  health: 'unknown' | 'ok' | 'err';
  lastError: string | null;
  /** Unix milliseconds; null before the first evaluation. */
  lastEvaluatedAt: number | null;
  /** How long the newest evaluation took, milliseconds. */
  evaluationMs: number;
}

/** A group at work. */
export interface LiveGroup {
  /** File and name: no two groups share one. */
  readonly key: string;
  readonly file: string;
  readonly group: RuleGroup;
  readonly intervalMs: number;
  readonly queryOffsetMs: number;
  readonly rules: readonly LiveGroupRule[];
  /** What its rules made the last time. */
  readonly ends: SeriesEnds;
  lastEvaluatedAt: number | null;
  evaluationMs: number;
  /** Evaluations that were left out since it was taken up, because the one before took too long. */
  missed: number;
}

function groupKey(file: string, name: string): string {
  return `${file};${name}`;
}

/** `liveOf`: the alert of the rule at this place of the group. */
export function liveGroup(
  file: string,
  group: RuleGroup,
  times: { readonly intervalMs: number; readonly queryOffsetMs: number },
  liveOf: (place: number) => LiveRule | undefined,
): LiveGroup {
  return {
    key: groupKey(file, group.name),
    file,
    group,
    intervalMs: group.intervalMs ?? times.intervalMs,
    queryOffsetMs: group.queryOffsetMs ?? times.queryOffsetMs,
    rules: group.rules.map((rule, place) => ({
      rule,
      live: liveOf(place),
      health: 'unknown',
      lastError: null,
      lastEvaluatedAt: null,
      evaluationMs: 0,
    })),
    ends: new SeriesEnds(),
    lastEvaluatedAt: null,
    evaluationMs: 0,
    missed: 0,
  };
}
