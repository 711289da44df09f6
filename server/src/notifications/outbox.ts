import type { ChannelMessage, Channels, DeliveryOutcome } from '../channels/index.ts';
import { ClockJumps } from '../lib/clock-jumps.ts';
import { DueTask } from '../lib/due-task.ts';
import { newId } from '../lib/id.ts';
import type { Clock, Timer } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';
import {
  type Claim,
  type ControlStore,
  claimDeliveries,
  findThreadRoot,
  finishDelivery,
  type GroupCommit,
  getNotification,
  type HeadDecision,
  hasDue,
  moveRetriesBack,
  moveWaitingBack,
  nextClaimAt,
  releaseAllLanes,
  type StoredDelivery,
  type StoredNotification,
} from '../stores/control/index.ts';
import { type BreakerState, Breakers } from './breakers.ts';
import type { AtStep } from './delivery-step.ts';
import { toChannelMessage } from './message.ts';
import { changeAfter, mayRepeat } from './retry-policy.ts';
import type { Suppressions } from './suppressions.ts';
import { type Route, Traffic } from './traffic.ts';

export interface OutboxOptions {
  readonly store: ControlStore;
  readonly commits: GroupCommit;
  readonly channels: Channels['byName'];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds of a clock that nobody sets; default: the wall clock, whose jumps then go unseen. */
  readonly elapsed?: (() => number) | undefined;
  readonly random?: () => number;
  readonly suppressions: Suppressions;
  /** Where a message's reader or its provider can turn to. */
  readonly linksOf: (
    delivery: StoredDelivery,
    notification: StoredNotification,
  ) => Pick<ChannelMessage, 'callbackUrl' | 'unsubscribeUrl'>;
  /** Told of every change of a delivery. */
  readonly onChange: (delivery: StoredDelivery, status: string) => void;
  readonly atStep: AtStep;
}

/** Deliveries under way at once: their ends are written together, with one synchronisation of the disk. */
const WORKERS = 48;
/** For so long after its deadline a delivery whose endpoint rests may still have its last attempt. */
const LAST_CHANCE = 30 * 60_000;
const STOP_MS = 5000;
/** Beyond the longest that an attempt may take: for writing its end down. */
const LEASE_MARGIN = 30_000;

/**
 * Sends what the control store holds in its lanes: several lanes at once, each in its order. Everything that matters
 * is in the store, so that a process that dies at any moment leaves nothing behind that another would not pick up.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #breakers = new Breakers();
  readonly #traffic = new Traffic(this.#breakers);
  readonly #jumps: ClockJumps;
  readonly #running = new Set<Promise<void>>();
  readonly #aborts = new Set<AbortController>();
  readonly #sweep: DueTask;
  #started = false;
  /** Looking for work. */
  #claiming: Promise<void> | undefined;
  #again = false;
  /** For a sender that waits out its pause. */
  #paced: Timer | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    const { store, clock, logger, elapsed = () => clock.now() } = options;
    this.#jumps = new ClockJumps(elapsed);
    this.#sweep = new DueTask({
      clock,
      work: async () => {
        this.wake();
        await this.#claiming;
      },
      nextDue: () => nextClaimAt(store.db, clock.now()),
      watch: (listener) => store.watch(['delivery_lanes'], listener),
      rereadMs: store.rereadMs,
      onError: (error) => logger.error({ err: error }, 'the outbox could not look for work'),
    });
  }

  /** Endpoints that are given a rest after failures. */
  get restingEndpoints(): readonly string[] {
    return this.#breakers.open;
  }

  /** How the endpoint of an address is seen now. */
  breakerOf(channel: keyof Channels['byName'], address: string): BreakerState {
    const endpoint = this.#options.channels[channel].endpoint(address);
    return this.#breakers.stateOf(`${channel}:${endpoint}`, this.#options.clock.now());
  }

  async start(): Promise<void> {
    const { store } = this.#options;
    // SQLite has one process (the data folder is locked): what is held belongs to an earlier run.
    if (store.kind === 'sqlite') await releaseAllLanes(store.db);
    this.#jumps.since(this.#options.clock.now());
    this.#started = true;
    this.#sweep.start();
    this.wake();
  }

  /** Claims nothing more, lets what is under way finish for five seconds, then breaks it off. */
  async stop(): Promise<void> {
    this.#started = false;
    await this.#sweep.stop();
    this.#paced?.cancel();
    if (this.#running.size === 0) return;
    const timer = setTimeout(() => {
      for (const abort of this.#aborts) abort.abort();
    }, STOP_MS);
    await Promise.all(this.#running);
    clearTimeout(timer);
  }

  /** Looks for work now. */
  wake(): void {
    this.#again = true;
    if (this.#claiming || !this.#started) return;
    const run = this.#claimAll().finally(() => {
      this.#claiming = undefined;
      this.#running.delete(run);
    });
    this.#claiming = run;
    this.#running.add(run);
  }

  async #claimAll(): Promise<void> {
    try {
      while (this.#again && this.#started) {
        this.#again = false;
        const room = WORKERS - this.#aborts.size;
        if (room <= 0) return;
        const { deliveries, lanes, token } = await this.#claim(room);
        for (const delivery of deliveries) this.#launch(delivery, token);
        // Behind those that have to wait there may be others that need not.
        if (lanes === room && deliveries.length < room) this.#again = true;
      }
      this.#wakeForSenders();
    } catch (error) {
      this.#options.logger.error({ err: error }, 'the outbox could not look for work');
      this.#sweep.news();
    }
  }

  #wakeForSenders(): void {
    const { clock } = this.#options;
    const at = this.#traffic.nextFreeAt;
    if (at === undefined || this.#paced || !this.#started) return;
    this.#paced = clock.setTimer(Math.max(0, at - clock.now()), () => {
      this.#paced = undefined;
      this.wake();
    });
  }

  async #claim(limit: number): Promise<Claim & { readonly token: string }> {
    const { store, commits, clock, atStep } = this.#options;
    const now = clock.now();
    await this.#followClock(now);
    const token = newId();
    const closed = this.#traffic.closed(now);
    if (!(await hasDue(store.db, { now, closed }))) return { deliveries: [], lanes: 0, token };
    const claim = await commits.run(async (db) => {
      const admit = this.#traffic.admission(now);
      const taken = await claimDeliveries(db, store.kind, {
        ...{ now, leaseUntil: now + LEASE_MARGIN, token, limit, closed },
        decide: (head) => this.#decide(head, now, admit),
      });
      if (taken.deliveries.length > 0) atStep('delivery claimed, in the transaction');
      return taken;
    });
    if (claim.deliveries.length > 0) atStep('claim committed');
    return { ...claim, token };
  }

  /** On SQLite there is no other process; on PostgreSQL each has its own clock. */
  async #followClock(now: number): Promise<void> {
    const { store, commits, logger } = this.#options;
    const jump = this.#jumps.since(now);
    if (jump >= 0) return;
    logger.warn({ jumpMs: jump }, 'the clock was set back');
    this.#traffic.clockSet(jump);
    const move = store.kind === 'sqlite' ? moveWaitingBack : moveRetriesBack;
    await commits.run((db) => move(db, now, jump));
  }

  #decide(head: StoredDelivery, now: number, admit: (route: Route) => string | undefined): HeadDecision {
    const channel = this.#channelOf(head);
    if (head.status === 'sending' && !mayRepeat(head, channel.deduplicates)) {
      const detail = 'the service stopped while it was sent; it may have arrived, so it is not repeated';
      return { kind: 'end', status: 'unknown', reason: 'interrupted', detail };
    }
    const suppression = this.#options.suppressions.find(head);
    if (suppression) {
      return { kind: 'end', status: 'suppressed', reason: suppression.reason, detail: suppression.detail };
    }
    const missing = channel.unavailable(head.address);
    if (missing !== undefined) {
      return { kind: 'end', status: 'suppressed', reason: 'channel_not_configured', detail: missing };
    }
    if (head.attempt_count > 0 && now > head.deadline_at + LAST_CHANCE) {
      const detail = `given up after ${head.attempt_count} attempts${head.detail === null ? '' : `: ${head.detail}`}`;
      return { kind: 'end', status: 'dead', reason: head.reason ?? 'timeout', detail };
    }
    const by = admit(this.#routeOf(head));
    if (by !== undefined) return { kind: 'blocked', by };
    return { kind: 'send', leaseUntil: now + channel.timeoutMs + LEASE_MARGIN };
  }

  #launch(delivery: StoredDelivery, token: string): void {
    const abort = new AbortController();
    this.#aborts.add(abort);
    const route = this.#routeOf(delivery);
    this.#traffic.departs(route, this.#options.clock.now());
    const run = this.#deliver(delivery, token, abort).finally(() => {
      this.#aborts.delete(abort);
      this.#traffic.arrives(route);
      this.#running.delete(run);
      this.wake();
    });
    this.#running.add(run);
  }

  async #deliver(delivery: StoredDelivery, token: string, abort: AbortController): Promise<void> {
    const { commits, clock, logger, atStep, random = Math.random } = this.#options;
    const channel = this.#channelOf(delivery);
    try {
      const outcome = await this.#attempt(delivery, abort);
      atStep('target answered');
      const now = clock.now();
      this.#breakers.report(this.#endpointOf(delivery), outcome, now);
      const change = changeAfter(outcome, delivery, { now, deduplicates: channel.deduplicates, random });
      const attempt = {
        at: now,
        outcome: outcome.outcome,
        reason: outcome.outcome === 'sent' ? null : outcome.reason,
        detail: outcome.detail ?? null,
      };
      const notBefore = now + channel.paceMs;
      const hurriesChain = isInTrouble(delivery, change.status, now);
      const kept = await commits.run(async (db) => {
        const finished = await finishDelivery(db, delivery, { token, change, attempt, notBefore, hurriesChain });
        atStep('end written, in the transaction');
        return finished;
      });
      atStep('end committed');
      if (!kept) logger.warn({ delivery_id: delivery.id }, 'an attempt took longer than its lease');
      else this.#logChange(delivery, change.status, attempt);
      this.#options.onChange(delivery, change.status);
      await this.#options.suppressions.learn(delivery, outcome);
    } catch (error) {
      // The lease runs out, and the attempt counts as one with an unknown end.
      logger.error({ err: error, delivery_id: delivery.id }, 'the end of an attempt could not be stored');
    }
  }

  async #attempt(delivery: StoredDelivery, abort: AbortController): Promise<DeliveryOutcome> {
    const { store, clock } = this.#options;
    const channel = this.#channelOf(delivery);
    let timer: Timer | undefined;
    const late = new Promise<DeliveryOutcome>((resolve) => {
      abort.signal.addEventListener('abort', () => {
        resolve({ outcome: 'retry', reason: 'timeout', detail: 'no answer in time', mayHaveArrived: true });
      });
      timer = clock.setTimer(channel.timeoutMs, () => abort.abort());
    });
    try {
      const message = await this.#message(store, delivery);
      this.#options.atStep('message composed');
      return await Promise.race([channel.send(message, delivery.address, abort.signal), late]);
    } catch (error) {
      // A channel rejects only by mistake of ours: trying again with the same message would not mend it for long.
      this.#options.logger.error({ err: error, channel: delivery.channel }, 'a channel failed unexpectedly');
      return { outcome: 'retry', reason: 'server_error', detail: 'an unexpected error in the channel' };
    } finally {
      timer?.cancel();
    }
  }

  async #message(store: ControlStore, delivery: StoredDelivery): Promise<ChannelMessage> {
    const notification = await getNotification(store.db, delivery.notification_id);
    const links = this.#options.linksOf(delivery, notification!);
    const message = { ...toChannelMessage(notification!, delivery, this.#options.clock.now()), ...links };
    const { episodeId, startsThread } = message;
    if (!this.#channelOf(delivery).threads || episodeId === undefined || startsThread) return message;
    return { ...message, threadRoot: await findThreadRoot(store.db, episodeId, delivery.lane) };
  }

  #logChange(
    delivery: StoredDelivery,
    status: string,
    attempt: { reason: string | null; detail: string | null },
  ): void {
    const fields = {
      delivery_id: delivery.id,
      channel: delivery.channel,
      recipient: delivery.recipient,
      attempt: delivery.attempt_count,
      ...attempt,
    };
    const { logger } = this.#options;
    if (status === 'sent') logger.debug(fields, 'notification sent');
    else if (status === 'retrying') logger.info(fields, 'a notification will be tried again');
    else logger.warn({ ...fields, status }, 'a notification was not delivered');
  }

  #channelOf(delivery: StoredDelivery) {
    return this.#options.channels[delivery.channel as keyof Channels['byName']];
  }

  #routeOf(delivery: StoredDelivery): Route {
    const sender = this.#channelOf(delivery).sender?.(delivery.address);
    return { endpoint: this.#endpointOf(delivery), sender };
  }

  #endpointOf(delivery: StoredDelivery): string {
    return `${delivery.channel}:${this.#channelOf(delivery).endpoint(delivery.address)}`;
  }
}

/** What is urgent is tried in parallel on the next channel when it has been in the retries for so long. */
const PAGE_PATIENCE = 60_000;

/** Whether the next channel of a chain is to be tried now, whatever its time. */
function isInTrouble(delivery: StoredDelivery, status: string, now: number): boolean {
  if (['failed', 'dead', 'unknown'].includes(status)) return true;
  const since = delivery.released_at ?? delivery.created_at;
  return status === 'retrying' && delivery.priority === 0 && now - since >= PAGE_PATIENCE;
}
