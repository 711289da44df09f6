import { newId } from '../lib/id.ts';
import type { DeliveryStatus } from '../model/delivery-status.ts';
import type { ChannelName } from '../model/notification-request.ts';
import {
  cancelWaiting,
  type Executor,
  findNotificationByDedupKey,
  insertNotification,
  listDeliveries,
  listEpisodeDeliveries,
  type StoredDelivery,
  type StoredNotification,
} from '../stores/control/index.ts';
import { type Hold, type HoldReason, holdFor } from './holding/hold.ts';
import { hasOrWillReach } from './lifecycle.ts';
import { isCriticalType, type PlannedRequest } from './plan.ts';
import { planRecipients, type RecipientContext } from './plan-recipients.ts';
import type { PlannedDelivery } from './plan-target.ts';
import { loadPreferences } from './preferences/load-preferences.ts';
import { nobodyYet } from './preferences/user-preferences.ts';
import type { Rendered, Templates } from './templates/render.ts';
import { type WriteContext, writeDeliveries } from './write-deliveries.ts';

export interface EnqueueContext extends RecipientContext, WriteContext {
  readonly templates: Templates;
}

interface EnqueuedDelivery {
  readonly id: string;
  readonly channel: ChannelName;
  readonly recipient: string;
  readonly status: DeliveryStatus;
  readonly reason: string | null;
  readonly detail: string | null;
}

export interface EnqueuedNotification {
  readonly id: string;
  readonly deliveries: readonly EnqueuedDelivery[];
}

export interface Enqueued {
  readonly notification: EnqueuedNotification;
  /** Whose inboxes have got something. */
  readonly inboxes: readonly string[];
}

/** Writes a notification with its deliveries and inbox items by `db`, the caller's transaction. */
export async function enqueue(db: Executor, asked: PlannedRequest, context: EnqueueContext): Promise<Enqueued> {
  const request = { ...asked, critical: asked.critical || isCriticalType(asked.type, context.organisation) };
  const rendered = context.templates.render(request);
  const notification = toRow(request, rendered, context.now);
  if (!(await insertNotification(db, notification))) return existing(db, request.dedupKey!);
  const earlier = request.episodeId === undefined ? [] : await listEpisodeDeliveries(db, request.episodeId);
  const planned = request.followsEpisode
    ? await planFollowUps(db, request, earlier, context)
    : await planRecipients(db, request, context);
  const overtaken = request.followsEpisode ? await cancelOvertaken(db, earlier, context.now) : [];
  const cause = { notification, locale: request.locale, earlier, overtaken };
  const { rows, inboxes } = await writeDeliveries(db, planned, cause, context);
  return { notification: toResult(notification.id, rows), inboxes };
}

/**
 * The same targets as before, whatever the preferences say by now: who heard of the fire hears of its end. Where the
 * fire still waits for its time, the end waits in its place.
 */
async function planFollowUps(
  db: Executor,
  request: PlannedRequest,
  earlier: readonly StoredDelivery[],
  context: EnqueueContext,
): Promise<PlannedDelivery[]> {
  const { channels } = context;
  const targets = new Map<string, StoredDelivery>();
  for (const row of earlier) if (hasOrWillReach(row.status) && !isSpare(row)) targets.set(row.lane, row);
  for (const episodeId of request.exceptFollowersOf ?? []) {
    for (const row of await listEpisodeDeliveries(db, episodeId))
      if (hasOrWillReach(row.status)) targets.delete(row.lane);
  }
  const users = [...targets.values()].map((row) => row.user_id).filter((userId) => userId !== null);
  const preferences = await loadPreferences(db, [...new Set(users)], context.people);
  return [...targets.values()].map((row) => {
    const channel = row.channel as ChannelName;
    if (row.deferred_request !== null) return stillAwaited(row, channel);
    const missing = channel === 'in_app' ? undefined : channels[channel].unavailable(row.address);
    const user = row.user_id === null ? undefined : (preferences.get(row.user_id) ?? nobodyYet(row.user_id));
    const waits = user && holdFor(user, channel, { ...request, channelsNamed: true, hasInboxItem: false }, context);
    const hold = row.held_until === null || row.held_why === null ? waits?.hold : heldAs(row);
    return {
      channel,
      address: row.address,
      recipient: row.recipient,
      userId: row.user_id,
      suppressed: missing === undefined ? undefined : { reason: 'channel_not_configured' as const, detail: missing },
      ...(hold && { hold }),
      trace: [{ rule: 'earlier message of the episode', result: row.status }, ...(waits?.trace ?? [])],
    };
  });
}

/** It is not known yet who hears of the fire, and of its end in the same moment. */
function stillAwaited(row: StoredDelivery, channel: ChannelName): PlannedDelivery {
  return {
    ...{ channel, address: '', recipient: row.recipient, userId: row.user_id, suppressed: undefined },
    ...{ hold: heldAs(row), deferred: JSON.parse(row.deferred_request!), trace: JSON.parse(row.trace) },
  };
}

/** The later channels of a chain: they were never told. */
function isSpare(row: StoredDelivery): boolean {
  return row.status === 'scheduled' && row.held_why?.startsWith('fallback') === true;
}

function heldAs(row: StoredDelivery): Hold {
  return { until: row.held_until!, why: row.held_why as HoldReason, detail: row.detail ?? '' };
}

function cancelOvertaken(db: Executor, earlier: readonly StoredDelivery[], now: number): Promise<StoredDelivery[]> {
  const waiting = earlier.filter((row) => row.is_open === 1 || row.status === 'scheduled');
  return cancelWaiting(db, waiting, {
    reason: 'overtaken',
    detail: 'a later message of the episode stands for this one too',
    at: now,
  });
}

async function existing(db: Executor, dedupKey: string): Promise<Enqueued> {
  const id = (await findNotificationByDedupKey(db, dedupKey))!;
  return { notification: await firstResult(db, id), inboxes: [] };
}

/** What the caller was told when the notification was made, whatever has become of it since. */
export async function firstResult(db: Executor, id: string): Promise<EnqueuedNotification> {
  const rows = await listDeliveries(db, [id]);
  return toResult(
    id,
    rows.map((row) => {
      if (row.channel === 'in_app') return row.status === 'suppressed' ? row : { ...row, status: 'delivered' };
      if (row.status === 'suppressed' || row.status === 'scheduled') return row;
      return { ...row, status: 'queued', reason: null, detail: null };
    }),
  );
}

function toRow(request: PlannedRequest, rendered: Rendered, now: number): StoredNotification {
  const { content } = rendered;
  return {
    id: request.id ?? newId(),
    type: request.type,
    severity: request.severity,
    critical: request.critical ? 1 : 0,
    user_id: request.users.length === 1 ? request.users[0]! : null,
    subject: content.subject,
    message: content.message,
    content: JSON.stringify(content),
    template: rendered.template,
    template_error: rendered.error ?? null,
    data: JSON.stringify(request.data),
    metadata: request.metadata === undefined ? null : JSON.stringify(request.metadata),
    alert_id: request.alertId ?? null,
    episode_id: request.episodeId ?? null,
    incident_id: request.incidentId ?? null,
    dedup_key: request.dedupKey ?? null,
    created_at: now,
  };
}

function toResult(id: string, rows: readonly StoredDelivery[]): EnqueuedNotification {
  return {
    id,
    deliveries: rows.map(({ id: deliveryId, channel, recipient, status, reason, detail }) => ({
      id: deliveryId,
      channel: channel as ChannelName,
      recipient,
      status: status as DeliveryStatus,
      reason,
      detail,
    })),
  };
}
