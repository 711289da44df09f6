import type { Principal } from '../../http/index.ts';
import { parseDuration } from '../../lib/duration.ts';
import { invalid } from '../../model/errors.ts';
import { instantOf } from '../window.ts';

interface ActionBody {
  readonly by?: string | undefined;
  readonly note?: string | undefined;
  readonly until?: string | undefined;
  readonly for?: string | undefined;
}

const LONGEST_MS = 366 * 86_400_000;

/** Who does it and until when. Throws 422 where the end is not in the future. */
export function toHandAction(body: ActionBody, principal: Principal, now: number) {
  return { by: body.by ?? principal.name, note: body.note, until: endOf(body, now) };
}

/** The same where there must be an end. */
export function toSnooze(body: ActionBody, principal: Principal, now: number) {
  const action = toHandAction(body, principal, now);
  const { until } = action;
  if (until === null) throw invalid({ path: 'until', message: 'say until when, or for how long with for' });
  return { ...action, until };
}

function endOf(body: ActionBody, now: number): number | null {
  if (body.until !== undefined && body.for !== undefined) {
    throw invalid({ path: 'until', message: 'give either until or for' });
  }
  if (body.for !== undefined) {
    const lasts = parseDuration(body.for)!;
    if (lasts <= 0 || lasts > LONGEST_MS)
      throw invalid({ path: 'for', message: 'must be above zero and at most 366d' });
    return now + lasts;
  }
  if (body.until === undefined) return null;
  const until = instantOf('until', body.until, now);
  if (until <= now) throw invalid({ path: 'until', message: 'must be in the future' });
  if (until > now + LONGEST_MS) throw invalid({ path: 'until', message: 'must be within 366 days' });
  return until;
}
