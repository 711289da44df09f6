import type { LabelMatcher } from '../../model/label-matcher.ts';
import type { StoredSilence } from '../../stores/control/index.ts';
import { type CompiledMatchers, compileMatchers } from '../routing/label-matchers.ts';

/** Alerts that match are not told of between two moments, Unix milliseconds. */
export interface Silence {
  readonly id: string;
  readonly matchers: CompiledMatchers;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly createdBy: string;
  readonly comment: string;
  readonly updatedAt: number;
  readonly remindedAt: number | null;
}

export type SilenceState = 'pending' | 'active' | 'expired';

export function silenceState({ startsAt, endsAt }: Pick<Silence, 'startsAt' | 'endsAt'>, now: number): SilenceState {
  if (now >= endsAt) return 'expired';
  return now < startsAt ? 'pending' : 'active';
}

export function toStoredSilence(silence: Silence): StoredSilence {
  return {
    id: silence.id,
    matchers: JSON.stringify(silence.matchers.matchers),
    starts_at: silence.startsAt,
    ends_at: silence.endsAt,
    created_by: silence.createdBy,
    comment: silence.comment,
    updated_at: silence.updatedAt,
    reminded_at: silence.remindedAt,
  };
}

export function fromStoredSilence(row: StoredSilence): Silence {
  return {
    id: row.id,
    matchers: compileMatchers(JSON.parse(row.matchers) as LabelMatcher[]),
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    createdBy: row.created_by,
    comment: row.comment,
    updatedAt: row.updated_at,
    remindedAt: row.reminded_at,
  };
}
