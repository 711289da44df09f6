import { formatDuration } from '../../lib/duration.ts';
import type { Severity } from '../../model/severity.ts';
import {
  deleteDelivery,
  type Executor,
  endHeld,
  holdDelivery,
  listDeliveries,
  listEpisodeDeliveries,
  type StoredDelivery,
  type StoredNotification,
} from '../../stores/control/index.ts';
import type { PlannedRequest } from '../plan.ts';
import { planRecipients, type RecipientContext } from '../plan-recipients.ts';
import type { DeferredRequest } from '../plan-target.ts';
import type { TraceStep } from '../preferences/decide.ts';
import { laneOf, type WriteContext, type WrittenDeliveries, writeDeliveries } from '../write-deliveries.ts';

type Context = Omit<RecipientContext, 'defaults'> & WriteContext;

/** After so long what is critical also goes where it can go without an answer, such as the operator's fallback. */
const CRITICAL_PATIENCE_MS = 15_000;
const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Turns a delivery that waits for the user directory into those that its answer makes possible; without an answer it
 * waits longer, until its deadline. Returns whose inboxes have got something.
 */
export async function deliverWhenKnown(
  db: Executor,
  row: StoredDelivery,
  notification: StoredNotification,
  context: Context,
): Promise<readonly string[]> {
  const { now, people } = context;
  const age = now - row.created_at;
  const isUnknown = people.isUnknown(nameOf(row));
  const waitsOn = isUnknown && now < row.deadline_at;
  if (waitsOn) {
    const until = now + Math.min(LONGEST_PAUSE_MS, Math.max(FIRST_PAUSE_MS, age));
    await holdDelivery(db, row.id, { until, why: 'directory', detail: row.detail ?? '' });
    if (notification.critical === 0 || age < CRITICAL_PATIENCE_MS) return [];
  }
  const took = formatDuration(Math.max(1000, Math.round(age / 1000) * 1000));
  const step = { rule: 'user directory', result: `${isUnknown ? 'no answer' : 'answered'} after ${took}` };
  const { rows, inboxes } = await deliverAsKnown(db, row, notification, step, context);
  if (waitsOn) return inboxes;
  if (rows.length > 0) await deleteDelivery(db, row.id);
  else {
    const detail = isUnknown
      ? `the user directory did not answer within ${took}`
      : `the user directory has nothing for ${nameOf(row)}; set an address: POST /api/notifications/preferences`;
    const trace = JSON.stringify([...(JSON.parse(row.trace) as TraceStep[]), step]);
    await endHeld(db, row.id, { status: 'suppressed', reason: 'no_target', detail, trace });
  }
  return inboxes;
}

/** What the recipient has not got yet of it. */
async function deliverAsKnown(
  db: Executor,
  row: StoredDelivery,
  notification: StoredNotification,
  step: TraceStep,
  context: Context,
): Promise<WrittenDeliveries> {
  const deferred = JSON.parse(row.deferred_request ?? '{}') as DeferredRequest;
  const name = nameOf(row);
  const request: PlannedRequest = {
    ...{ type: notification.type, severity: notification.severity as Severity, data: JSON.parse(notification.data) },
    ...{ critical: notification.critical === 1, users: [name], addresses: [], defaultRecipients: false },
    ...deferred,
  };
  const nobodyElse = { users: [], emails: [] };
  const planned = await planRecipients(db, request, { ...context, defaults: nobodyElse }, new Set([name]));
  const there = new Set((await listDeliveries(db, [notification.id])).map(keyOf));
  const fresh = planned.filter((delivery) => !there.has(keyOf({ ...delivery, lane: laneOf(delivery) })));
  const { episode_id: episodeId } = notification;
  const episode = episodeId === null ? [] : await listEpisodeDeliveries(db, episodeId);
  const cause = {
    ...{ notification, locale: deferred.locale },
    earlier: episode.filter((one) => one.notification_id !== notification.id),
    overtaken:
      row.collapsed === 0 ? [] : fresh.map((delivery) => ({ ...row, starts_thread: 0, lane: laneOf(delivery) })),
  };
  const told = fresh.map((delivery) => ({ ...delivery, trace: [step, ...delivery.trace] }));
  return writeDeliveries(db, told, cause, context);
}

function nameOf({ user_id, recipient }: StoredDelivery): string {
  return user_id ?? recipient;
}

/** Nobody gets it twice at the same address; what has none is told apart by whom it was for. */
function keyOf(delivery: { readonly lane: string; readonly address: string; readonly recipient: string }): string {
  return [delivery.lane, delivery.address === '' ? delivery.recipient : ''].join('\n');
}
