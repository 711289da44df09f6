import { createHash } from 'node:crypto';
import { newId } from '../lib/id.ts';
import type { DeliveryStatus } from '../model/delivery-status.ts';
import {
  type Executor,
  insertDeliveries,
  insertInboxItem,
  type StoredDelivery,
  type StoredNotification,
} from '../stores/control/index.ts';
import { heldByRate } from './holding/rate.ts';
import { classOf, priorityOf, retryPeriod } from './lifecycle.ts';
import type { PlannedDelivery } from './plan-target.ts';
import type { OrganisationDefaults } from './preferences/user-preferences.ts';

export interface WriteContext {
  readonly organisation: OrganisationDefaults;
  readonly now: number;
  /** Counts up: the order of deliveries within their lanes. */
  readonly nextPosition: () => number;
}

export interface DeliveryCause {
  readonly notification: StoredNotification;
  /** BCP 47; left out: that of each recipient. */
  readonly locale: string | undefined;
  /** Those of the same episode from before. */
  readonly earlier: readonly StoredDelivery[];
  /** What of these the new ones stand for too. */
  readonly overtaken: readonly StoredDelivery[];
}

export interface WrittenDeliveries {
  readonly rows: readonly StoredDelivery[];
  /** Whose inboxes have got something. */
  readonly inboxes: readonly string[];
}

/** Writes planned deliveries with their inbox items by `db`, the caller's transaction. */
export async function writeDeliveries(
  db: Executor,
  planned: readonly PlannedDelivery[],
  cause: DeliveryCause,
  context: WriteContext,
): Promise<WrittenDeliveries> {
  const { notification, earlier } = cause;
  const about = { critical: notification.critical === 1, episodeId: notification.episode_id ?? undefined };
  const rows: StoredDelivery[] = [];
  for (const delivery of planned) {
    const isFirst = isFirstOfEpisode(delivery, earlier);
    const timed = await heldByRate(db, delivery, { ...about, isFirst }, context);
    rows.push(toDelivery(timed, isFirst, cause, context));
  }
  await insertDeliveries(db, rows);
  const inboxes = rows.filter((row) => row.channel === 'in_app' && row.status === 'delivered');
  // Counters are locked in one order, whoever writes.
  for (const row of inboxes.toSorted((a, b) => (a.address < b.address ? -1 : 1))) {
    await insertInboxItem(db, row.address, notification.id);
  }
  return { rows, inboxes: inboxes.map((row) => row.address) };
}

function isFirstOfEpisode(planned: PlannedDelivery, earlier: readonly StoredDelivery[]): boolean {
  const lane = laneOf(planned);
  return !earlier.some((row) => row.lane === lane && row.status !== 'suppressed');
}

/** See `DeliveriesTable.collapsed`. */
function collapsedOf(overtaken: readonly StoredDelivery[]): number {
  if (overtaken.length === 0) return 0;
  return overtaken.some((row) => row.starts_thread === 1 || row.collapsed === 2) ? 2 : 1;
}

function toDelivery(
  planned: PlannedDelivery,
  isFirst: boolean,
  { notification, overtaken, locale }: DeliveryCause,
  { now, organisation, nextPosition }: WriteContext,
): StoredDelivery {
  const { suppressed, hold } = planned;
  const lane = laneOf(planned);
  const kind = classOf({ critical: notification.critical === 1, type: notification.type });
  const inbox = planned.channel === 'in_app';
  const status: DeliveryStatus = suppressed ? 'suppressed' : hold ? 'scheduled' : inbox ? 'delivered' : 'queued';
  const trace = notification.template_error
    ? [...planned.trace, { rule: 'template', result: notification.template_error }]
    : planned.trace;
  const isInInbox = status === 'delivered';
  return {
    id: newId(),
    notification_id: notification.id,
    channel: planned.channel,
    address: planned.address,
    recipient: planned.recipient,
    user_id: planned.userId,
    lane,
    position: nextPosition(),
    priority: priorityOf(kind),
    status,
    is_open: status === 'queued' ? 1 : 0,
    reason: suppressed?.reason ?? (status === 'scheduled' ? hold!.why : null),
    detail: suppressed?.detail ?? (status === 'scheduled' ? hold!.detail : null),
    trace: JSON.stringify(trace),
    starts_thread: isFirst ? 1 : 0,
    collapsed: collapsedOf(overtaken.filter((row) => row.lane === lane)),
    attempt_count: 0,
    next_at: now,
    deadline_at: now + retryPeriod(kind, planned.channel),
    created_at: now,
    sent_at: isInInbox ? now : null,
    delivered_at: isInInbox ? now : null,
    provider_id: null,
    locale: locale ?? planned.locale ?? (organisation.locale === 'en' ? null : organisation.locale),
    held_until: status === 'scheduled' ? hold!.until : null,
    held_why: status === 'scheduled' ? hold!.why : null,
    released_at: status === 'queued' ? now : null,
    bundled_into: null,
    chain_step: planned.chainStep ?? null,
    deferred_request: planned.deferred ? JSON.stringify(planned.deferred) : null,
  };
}

/** Names the target. Addresses that hold secrets stand in it as a hash. */
export function laneOf({ channel, address, recipient, deferred }: PlannedDelivery): string {
  if (deferred) return `directory:${recipient}`;
  if (!/^https?:/i.test(address) && !(channel === 'pagerduty' && address !== '')) return `${channel}:${address}`;
  return `${channel}:${createHash('sha256').update(address).digest('hex').slice(0, 32)}`;
}
