import { occurrences, parseRecurrence, type Recurrence } from '../../lib/recurrence.ts';
import type { LabelMatcher } from '../../model/label-matcher.ts';
import type { StoredMaintenanceWindow } from '../../stores/control/index.ts';
import { type CompiledMatchers, compileMatchers } from '../routing/label-matchers.ts';

/** A silence with a name that comes again and again, by the clocks of a time zone. */
export interface MaintenanceWindow {
  readonly id: string;
  readonly name: string;
  readonly matchers: CompiledMatchers;
  /** Local date and time of the first occurrence: `2026-01-04T02:00:00`. */
  readonly start: string;
  /** Elapsed time: two hours are two hours, also in the night of a change of clocks. */
  readonly durationMs: number;
  /** RFC 5545, such as `FREQ=WEEKLY;BYDAY=SU`; null: once. */
  readonly rrule: string | null;
  /** IANA. */
  readonly timeZone: string;
  readonly comment: string;
  readonly createdBy: string;
  readonly enabled: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Occurrence {
  readonly startsAt: number;
  readonly endsAt: number;
}

const MOST_LOOKED_AT = 100_000;

/** The occurrences that end after `from`, in order, at most `limit`. Unix milliseconds. */
export function occurrencesFrom(window: MaintenanceWindow, from: number, limit: number): Occurrence[] {
  const { start, timeZone, rrule, durationMs } = window;
  const recurrence: Recurrence | undefined = rrule === null ? undefined : parseRecurrence(rrule, timeZone);
  const found: Occurrence[] = [];
  let looked = 0;
  const first = Temporal.PlainDateTime.from(start);
  for (const startsAt of occurrences(first, timeZone, recurrence, from - durationMs)) {
    if (startsAt + durationMs > from) found.push({ startsAt, endsAt: startsAt + durationMs });
    if (found.length === limit || ++looked === MOST_LOOKED_AT) break;
  }
  return found;
}

export function toStoredWindow(window: MaintenanceWindow): StoredMaintenanceWindow {
  return {
    id: window.id,
    name: window.name,
    matchers: JSON.stringify(window.matchers.matchers),
    start: window.start,
    duration_ms: window.durationMs,
    rrule: window.rrule,
    time_zone: window.timeZone,
    comment: window.comment,
    created_by: window.createdBy,
    enabled: window.enabled ? 1 : 0,
    created_at: window.createdAt,
    updated_at: window.updatedAt,
  };
}

export function fromStoredWindow(row: StoredMaintenanceWindow): MaintenanceWindow {
  return {
    id: row.id,
    name: row.name,
    matchers: compileMatchers(JSON.parse(row.matchers) as LabelMatcher[]),
    start: row.start,
    durationMs: row.duration_ms,
    rrule: row.rrule,
    timeZone: row.time_zone,
    comment: row.comment,
    createdBy: row.created_by,
    enabled: row.enabled === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
