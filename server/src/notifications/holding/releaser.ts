import type { Channels } from '../../channels/index.ts';
import { DueTask } from '../../lib/due-task.ts';
import { newId } from '../../lib/id.ts';
import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import type { ChannelName } from '../../model/notification-request.ts';
import type { Severity } from '../../model/severity.ts';
import {
  type ControlStore,
  type Executor,
  endHeld,
  getNotification,
  holdDelivery,
  inboxStateOf,
  insertDeliveries,
  insertInboxItem,
  insertNotification,
  listChains,
  nextHeldAt,
  releaseHeld,
  type StoredDelivery,
  type StoredNotification,
  suppressionsOf,
  takeDueHeld,
} from '../../stores/control/index.ts';
import type { AtStep } from '../delivery-step.ts';
import type { People } from '../directory/person.ts';
import { classOf, retryPeriod } from '../lifecycle.ts';
import { closedBy } from '../plan-target.ts';
import { decideByPreferences, type TraceStep } from '../preferences/decide.ts';
import { loadPreferences } from '../preferences/load-preferences.ts';
import { nobodyYet, type OrganisationDefaults, type UserPreferences } from '../preferences/user-preferences.ts';
import type { Templates } from '../templates/render.ts';
import { bundleOf } from './bundle.ts';
import { type Hold, type HoldReason, holdFor } from './hold.ts';
import { jumpsQueue, rateHold } from './rate.ts';
import { deliverWhenKnown } from './when-known.ts';

export interface ReleaserOptions {
  readonly store: ControlStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly channels: Channels['byName'];
  readonly templates: Templates;
  readonly organisation: () => OrganisationDefaults;
  readonly people: People;
  readonly isOnline: (userId: string) => boolean;
  readonly nextPosition: () => number;
  readonly atStep: AtStep;
  /** Told after the commit: lanes have got something, and these inboxes. */
  readonly onRelease: (inboxes: readonly string[], notificationIds: readonly string[]) => void;
}

type Verdict =
  | { readonly kind: 'release'; readonly trace: readonly TraceStep[] }
  | { readonly kind: 'hold'; readonly hold: Hold }
  | {
      readonly kind: 'end';
      readonly status: 'canceled' | 'suppressed';
      readonly reason: string;
      readonly detail: string;
    };

interface Held {
  readonly row: StoredDelivery;
  readonly notification: StoredNotification;
}

/** Told together where several are due at once for the same target. */
const BUNDLED: readonly string[] = ['quiet_hours', 'digest', 'rate_limited'];

/**
 * Lets go what has waited outside of its lane until now. Whether it is still wanted is asked again then: by the
 * preferences, which may have changed, and by what has happened meanwhile. All of it is in the store: a process that
 * dies leaves nothing behind that the next one would not find.
 */
export class Releaser {
  readonly #options: ReleaserOptions;
  readonly #sweep: DueTask;

  constructor(options: ReleaserOptions) {
    this.#options = options;
    const { store, clock, logger } = options;
    this.#sweep = new DueTask({
      clock,
      work: () => this.#run(),
      nextDue: () => nextHeldAt(store.db),
      watch: (listener) => store.watch(['deliveries'], listener),
      rereadMs: store.rereadMs,
      onError: (error) => logger.error({ err: error }, 'what waits for its time could not be looked at'),
    });
  }

  start(): void {
    this.#sweep.start();
  }

  stop(): Promise<void> {
    return this.#sweep.stop();
  }

  /** Everything that is due now, target by target. */
  async #run(): Promise<void> {
    const { store, clock, onRelease, atStep } = this.#options;
    for (;;) {
      const first = await nextHeldAt(store.db);
      if (first === null || first > clock.now()) return;
      const inboxes: string[] = [];
      const rows = await store.transaction(async (db) => {
        inboxes.length = 0;
        const due = await takeDueHeld(db, store.kind, clock.now());
        if (due.length === 0) return due;
        inboxes.push(...(await this.#release(db, due, clock.now())));
        atStep('released, in the transaction');
        return due;
      });
      // What is left is in the hands of another process.
      if (rows.length === 0) return;
      atStep('release committed');
      onRelease(
        inboxes,
        rows.map((row) => row.notification_id),
      );
    }
  }

  /** Returns whose inboxes have got something. */
  async #release(db: Executor, rows: readonly StoredDelivery[], now: number): Promise<string[]> {
    const [first] = rows;
    const user =
      first!.user_id === null
        ? undefined
        : (await loadPreferences(db, [first!.user_id], this.#options.people)).get(first!.user_id);
    const closed = await suppressionsOf(db, [first!.address]);
    const ready: (Held & { readonly trace: readonly TraceStep[] })[] = [];
    const inboxes: string[] = [];
    for (const row of rows) {
      const notification = (await getNotification(db, row.notification_id))!;
      if (row.held_why === 'directory') {
        inboxes.push(...(await deliverWhenKnown(db, row, notification, this.#context(now))));
        continue;
      }
      const reclosed = closedBy(notification.type, row.channel as ChannelName, row.address, closed);
      const verdict: Verdict = reclosed
        ? { kind: 'end', status: 'suppressed', reason: reclosed.reason, detail: reclosed.detail }
        : await this.#judge(db, { row, notification }, user, now);
      const held: TraceStep = { rule: `waited: ${row.held_why?.replaceAll('_', ' ')}`, result: row.detail ?? '' };
      if (verdict.kind === 'hold') await holdDelivery(db, row.id, verdict.hold);
      else if (verdict.kind === 'end') {
        const { status, reason, detail } = verdict;
        await endHeld(db, row.id, {
          status,
          reason,
          detail,
          trace: withSteps(row, [held, { rule: 'asked again', result: detail }]),
        });
      } else if (row.channel === 'in_app') {
        await endHeld(db, row.id, { status: 'delivered', reason: null, detail: null, trace: row.trace });
        await insertInboxItem(db, row.address, row.notification_id);
        inboxes.push(row.address);
      } else ready.push({ row, notification, trace: verdict.trace });
    }
    await this.#letGo(db, ready, user, now);
    return inboxes;
  }

  #context(now: number) {
    const { channels, organisation, people, isOnline, nextPosition } = this.#options;
    return { channels, organisation: organisation(), people, isOnline, nextPosition, now };
  }

  /** Those that were collected go as one, the others each by itself. */
  async #letGo(
    db: Executor,
    ready: readonly (Held & { readonly trace: readonly TraceStep[] })[],
    user: UserPreferences | undefined,
    now: number,
  ): Promise<void> {
    const collected = ready.filter(({ row }) => BUNDLED.includes(row.held_why ?? ''));
    const single = collected.length > 1 ? ready.filter((one) => !collected.includes(one)) : ready;
    const limited = single.filter((one) => !jumpsQueue(urgencyOf(one)));
    const rate =
      user && (collected.length > 1 || limited.length > 0)
        ? await rateHold(db, user.userId, ready[0]!.row.channel as ChannelName, {
            organisation: this.#options.organisation(),
            now,
          })
        : undefined;
    for (const one of single) {
      if (rate && limited.includes(one)) await holdDelivery(db, one.row.id, rate);
      else await this.#releaseOne(db, one, now);
    }
    if (collected.length <= 1) return;
    if (rate) {
      for (const { row } of collected) await holdDelivery(db, row.id, rate);
    } else await this.#bundle(db, collected, user, now);
  }

  #releaseOne(
    db: Executor,
    { row, notification, trace }: Held & { readonly trace: readonly TraceStep[] },
    now: number,
  ) {
    const kind = classOf({ critical: notification.critical === 1, type: notification.type });
    return releaseHeld(db, row, {
      position: this.#options.nextPosition(),
      deadline_at: now + retryPeriod(kind, row.channel),
      trace: withSteps(row, trace),
      now,
    });
  }

  /** One message in place of several. */
  async #bundle(db: Executor, held: readonly Held[], user: UserPreferences | undefined, now: number): Promise<void> {
    const { templates, nextPosition, organisation } = this.#options;
    const zone = user?.timeZone ?? organisation().timeZone;
    const request = bundleOf(held, zone);
    const { content, template, error } = templates.render(request);
    const last = held.at(-1)!.row;
    const priority = Math.min(...held.map(({ row }) => row.priority));
    const id = newId();
    await insertNotification(db, {
      id,
      ...{ type: request.type, severity: request.severity, critical: 0, user_id: last.user_id },
      ...{ subject: content.subject, message: content.message, content: JSON.stringify(content) },
      ...{ template, template_error: error ?? null, data: JSON.stringify(request.data), metadata: null },
      ...{ alert_id: null, episode_id: null, incident_id: null, dedup_key: null, created_at: now },
    });
    const why = `${held.length} messages of this target, which had waited: ${last.held_why?.replaceAll('_', ' ')}`;
    await insertDeliveries(db, [
      {
        ...last,
        ...{ id: newId(), notification_id: id, position: nextPosition(), priority, status: 'queued', is_open: 1 },
        ...{ reason: null, detail: null, trace: JSON.stringify([{ rule: 'bundle', result: why }]) },
        ...{ starts_thread: 1, collapsed: 0, attempt_count: 0, next_at: now, created_at: now, chain_step: null },
        ...{
          deadline_at: now + retryPeriod('alert', last.channel),
          held_until: null,
          held_why: null,
          released_at: now,
        },
      },
    ]);
    for (const { row } of held) {
      await endHeld(db, row.id, {
        ...{
          status: 'bundled',
          reason: row.held_why,
          detail: `told together with ${held.length - 1} others`,
          trace: row.trace,
        },
        bundled_into: id,
      });
    }
  }

  /** Whether a delivery whose time has come is still to be sent. */
  async #judge(
    db: Executor,
    { row, notification }: Held,
    user: UserPreferences | undefined,
    now: number,
  ): Promise<Verdict> {
    const why = row.held_why as HoldReason;
    const { channels, organisation, isOnline } = this.#options;
    const channel = row.channel as ChannelName;
    const missing = channel === 'in_app' ? undefined : channels[channel].unavailable(row.address);
    if (missing !== undefined)
      return { kind: 'end', status: 'suppressed', reason: 'channel_not_configured', detail: missing };
    const spared = await this.#isSpared(db, row, why);
    if (spared) return spared;
    if (row.user_id === null) return { kind: 'release', trace: [] };
    const known = user ?? nobodyYet(row.user_id);
    if (known.disabled) {
      const detail = `${known.userId} is switched off as a recipient`;
      return { kind: 'end', status: 'canceled', reason: 'user_disabled', detail };
    }
    const subject = {
      type: notification.type,
      severity: notification.severity as Severity,
      critical: notification.critical === 1,
      data: JSON.parse(notification.data) as Record<string, unknown>,
    };
    const decision = decideByPreferences(known, organisation(), channel, subject);
    if (!decision.allowed) {
      return {
        kind: 'end',
        status: 'canceled',
        reason: 'preference',
        detail: `switched off while it waited: ${decision.detail}`,
      };
    }
    const context = { organisation: organisation(), now, isOnline };
    const about = { ...subject, channelsNamed: why !== 'send_at', hasInboxItem: why === 'send_at' };
    const { hold, dropped, trace } = holdFor(known, channel, about, context, why);
    if (dropped !== undefined)
      return { kind: 'end', status: 'suppressed', reason: 'quiet_hours_drop', detail: dropped };
    if (hold) return { kind: 'hold', hold };
    return {
      kind: 'release',
      trace: [{ rule: `waited: ${why.replaceAll('_', ' ')}`, result: row.detail ?? '' }, ...trace],
    };
  }

  /** What the inbox, or an earlier channel, has made superfluous. */
  async #isSpared(db: Executor, row: StoredDelivery, why: HoldReason): Promise<Verdict | undefined> {
    if (row.user_id === null || !['unseen', 'fallback', 'fallback_on_failure'].includes(why)) return undefined;
    const { seen, read } = await inboxStateOf(db, row.notification_id, row.user_id);
    const end = (reason: string, detail: string): Verdict => ({ kind: 'end', status: 'canceled', reason, detail });
    if (why === 'unseen') return seen ? end('seen_in_app', 'it was seen in the inbox meanwhile') : undefined;
    if (read) return end('read', 'it was read meanwhile');
    const before = (await listChains(db, [row.notification_id])).filter(
      (other) => other.user_id === row.user_id && other.chain_step! < row.chain_step!,
    );
    if (before.some((other) => other.status === 'read')) return end('read', 'it was read meanwhile');
    const arrived = before.some((other) => ['sent', 'delivered'].includes(other.status));
    return why === 'fallback_on_failure' && arrived
      ? end('not_needed', 'an earlier channel has delivered it')
      : undefined;
  }
}

function urgencyOf({ row, notification }: Held) {
  return {
    critical: notification.critical === 1,
    episodeId: notification.episode_id ?? undefined,
    isFirst: row.starts_thread === 1,
  };
}

function withSteps(row: StoredDelivery, steps: readonly TraceStep[]): string {
  return JSON.stringify([...(JSON.parse(row.trace) as TraceStep[]), ...steps]);
}
