import { createHash } from 'node:crypto';
import type { Channels } from '../channels/index.ts';
import { newId } from '../lib/id.ts';
import type { DeliveryStatus } from '../model/delivery-status.ts';
import type { ChannelName } from '../model/notification-request.ts';
import {
  cancelWaiting,
  type Executor,
  findNotificationByDedupKey,
  insertDeliveries,
  insertInboxItem,
  insertNotification,
  listDeliveries,
  listEpisodeDeliveries,
  type StoredDelivery,
  type StoredNotification,
  suppressionsOf,
} from '../stores/control/index.ts';
import { expandGroups, type People } from './directory/person.ts';
import { type Hold, type HoldReason, holdFor } from './holding/hold.ts';
import { heldByRate } from './holding/rate.ts';
import { classOf, hasOrWillReach, priorityOf, retryPeriod } from './lifecycle.ts';
import { type DefaultRecipients, isCriticalType, type PlannedRequest, planDeliveries } from './plan.ts';
import type { PlannedDelivery } from './plan-target.ts';
import { loadPreferences } from './preferences/load-preferences.ts';
import { addressesOf, nobodyYet, type OrganisationDefaults } from './preferences/user-preferences.ts';
import type { Rendered, Templates } from './templates/render.ts';

export interface EnqueueContext {
  readonly templates: Templates;
  readonly channels: Channels['byName'];
  readonly defaults: DefaultRecipients;
  readonly organisation: OrganisationDefaults;
  readonly people: People;
  readonly isOnline: (userId: string) => boolean;
  readonly now: number;
  /** Counts up: the order of deliveries within their lanes. */
  readonly nextPosition: () => number;
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
    : await plan(db, request, context);
  const overtaken = request.followsEpisode ? await cancelOvertaken(db, earlier, context.now) : [];
  const rows: StoredDelivery[] = [];
  for (const delivery of planned) {
    const isFirst = isFirstOfEpisode(delivery, earlier);
    const timed = await heldByRate(db, delivery, { ...request, isFirst }, context);
    rows.push(toDelivery(timed, notification, isFirst, overtaken, request, context));
  }
  await insertDeliveries(db, rows);
  const inboxes = rows.filter((row) => row.channel === 'in_app' && row.status === 'delivered');
  // Counters are locked in one order, whoever writes.
  for (const row of inboxes.toSorted((a, b) => (a.address < b.address ? -1 : 1))) {
    await insertInboxItem(db, row.address, notification.id);
  }
  return { notification: toResult(notification.id, rows), inboxes: inboxes.map((row) => row.address) };
}

async function plan(db: Executor, asked: PlannedRequest, context: EnqueueContext): Promise<PlannedDelivery[]> {
  const { users: recipients, empty } = expandGroups(
    [...asked.users, ...ownersOf(asked, context.people)],
    context.people,
  );
  const request = { ...asked, users: recipients };
  const users = [...new Set([...request.users, ...context.defaults.users])];
  const preferences = await loadPreferences(db, users, context.people);
  const given = [...request.addresses.map(({ address }) => address), ...Object.values(request.overrides ?? {})];
  const own = [...preferences.values()].flatMap(addressesOf);
  const closed = await suppressionsOf(db, [...new Set([...own, ...given, ...context.defaults.emails])]);
  return [...planDeliveries(request, { ...context, preferences, closed }), ...empty.map(nobodyIn)];
}

/** Where nobody is named, the owner of the service hears of its alerts. */
function ownersOf({ defaultRecipients, data, type }: PlannedRequest, people: People): string[] {
  if (!defaultRecipients || !/^alert(\.|$)/.test(type) || typeof data.service !== 'string') return [];
  const owner = people.ownerOf(data.service);
  return owner === undefined ? [] : [owner];
}

/** A record of a group without members: nobody hears of it, and that must be seen. */
function nobodyIn(group: string): PlannedDelivery {
  const detail = `${group} has no members: add it under groups in the configuration, or to the user directory`;
  return {
    ...{ channel: 'in_app', address: '', recipient: group, userId: null, trace: [{ rule: 'group', result: 'empty' }] },
    suppressed: { reason: 'no_target', detail },
  };
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
  const users = [...targets.values()].map((row) => row.user_id).filter((userId) => userId !== null);
  const preferences = await loadPreferences(db, [...new Set(users)], context.people);
  return [...targets.values()].map((row) => {
    const channel = row.channel as ChannelName;
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

function isFirstOfEpisode(planned: PlannedDelivery, earlier: readonly StoredDelivery[]): boolean {
  const lane = laneOf(planned);
  return !earlier.some((row) => row.lane === lane && row.status !== 'suppressed');
}

function toDelivery(
  planned: PlannedDelivery,
  notification: StoredNotification,
  isFirst: boolean,
  overtaken: readonly StoredDelivery[],
  request: PlannedRequest,
  context: EnqueueContext,
): StoredDelivery {
  const { now } = context;
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
    position: context.nextPosition(),
    priority: priorityOf(kind),
    status,
    is_open: status === 'queued' ? 1 : 0,
    reason: suppressed?.reason ?? (status === 'scheduled' ? hold!.why : null),
    detail: suppressed?.detail ?? (status === 'scheduled' ? hold!.detail : null),
    trace: JSON.stringify(trace),
    starts_thread: isFirst ? 1 : 0,
    collapsed: overtaken.some((row) => row.lane === lane) ? 1 : 0,
    attempt_count: 0,
    next_at: now,
    deadline_at: now + retryPeriod(kind, planned.channel),
    created_at: now,
    sent_at: isInInbox ? now : null,
    delivered_at: isInInbox ? now : null,
    provider_id: null,
    locale:
      request.locale ?? planned.locale ?? (context.organisation.locale === 'en' ? null : context.organisation.locale),
    held_until: status === 'scheduled' ? hold!.until : null,
    held_why: status === 'scheduled' ? hold!.why : null,
    released_at: status === 'queued' ? now : null,
    bundled_into: null,
    chain_step: planned.chainStep ?? null,
  };
}

/** Names the target. Addresses that hold secrets stand in it as a hash. */
function laneOf({ channel, address }: PlannedDelivery): string {
  if (!/^https?:/i.test(address) && !(channel === 'pagerduty' && address !== '')) return `${channel}:${address}`;
  return `${channel}:${createHash('sha256').update(address).digest('hex').slice(0, 32)}`;
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
