import type { WebSocket } from 'ws';
import { InboxSockets, type InboxSource } from '../channels/in-app/index.ts';
import { DueTask } from '../lib/due-task.ts';
import { formatInstant } from '../lib/instant.ts';
import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';
import {
  type ChangedInboxItem,
  type ControlStore,
  changeInboxItems,
  countInboxes,
  type Executor,
  type InboxAction,
  type InboxCounts,
  type InboxSelection,
  listInboxAfter,
  newestSeqs,
  nextSnoozeEnd,
  resurfaceSnoozed,
} from '../stores/control/index.ts';
import { loadItems, type NotificationItem } from './item.ts';

/** Items changed by one transaction. */
const BATCH = 1000;

/** The word for what has happened to items, as sockets hear it. */
const STATES: Readonly<Record<InboxAction['kind'], string>> = {
  seen: 'seen',
  read: 'read',
  unread: 'unread',
  archive: 'archived',
  unarchive: 'unarchived',
  snooze: 'snoozed',
  unsnooze: 'unsnoozed',
  delete: 'deleted',
};

export interface InboxOptions {
  readonly store: ControlStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The users' inboxes: in which state their items are, and the sockets that hear of them. */
export class Inbox {
  readonly #store: ControlStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #sockets: InboxSockets<NotificationItem>;
  readonly #sweep: DueTask;
  /** Whose inboxes have got something that their sockets may not have seen. */
  #touched = new Set<string>();
  /** Changes within transactions of others, told after their commit. */
  #changed: { readonly items: readonly ChangedInboxItem[]; readonly action: InboxAction }[] = [];

  /** Alerts that are being told to somebody. */
  #alerts: object[] = [];

  constructor({ store, clock, logger }: InboxOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
    const source: InboxSource<NotificationItem> = {
      after: (userId, seq, limit) => this.#itemsAfter(userId, seq, limit),
      newest: (userIds) => newestSeqs(store.db, userIds),
      counts: (userIds) => countInboxes(store.db, userIds),
      act: async (userId, deed) => {
        const action: InboxAction =
          deed.type === 'snooze' ? { kind: 'snooze', until: deed.until } : { kind: deed.type };
        await this.change({ userId, notificationIds: deed.ids }, action);
      },
    };
    this.#sockets = new InboxSockets(source, clock, logger);
    this.#sweep = new DueTask({
      clock,
      work: () => this.#run(),
      nextDue: () => this.#nextDue(),
      watch: (listener) => store.watch(['inbox_items', 'inbox_counters'], listener),
      rereadMs: store.rereadMs,
      onError: (error) => this.#logError(error),
    });
  }

  start(): void {
    this.#sweep.start();
  }

  /** Closes the sockets. */
  async stop(): Promise<void> {
    await this.#sweep.stop();
    this.#sockets.close();
  }

  get socketCount(): number {
    return this.#sockets.count;
  }

  /** Whether the user has a page with the inbox open. */
  isOnline(userId: string): boolean {
    return this.#sockets.isOpen(userId);
  }

  async counts(userId: string): Promise<InboxCounts> {
    return (await countInboxes(this.#store.db, [userId])).get(userId) ?? { unread: 0, unseen: 0 };
  }

  /** Does it to every selected item to which it was not done yet; returns to how many. Many go in parts. */
  async change(which: InboxSelection, action: InboxAction): Promise<number> {
    let count = 0;
    for (;;) {
      const now = this.#clock.now();
      const items = await this.#store.transaction((db) => changeInboxItems(db, which, action, now, BATCH));
      count += items.length;
      await this.#tell(items, action);
      if (items.length < BATCH) return count;
    }
  }

  /**
   * Marks all items about an episode as read, by the caller's transaction: somebody has it in hand. The sockets hear
   * of it at the next `wake`.
   */
  async markEpisodeRead(db: Executor, episodeId: string): Promise<void> {
    const action = { kind: 'read' } as const;
    const items = await changeInboxItems(db, { episodeId }, action, this.#clock.now(), BATCH);
    if (items.length > 0) this.#changed.push({ items, action });
  }

  /** Something is being put into these inboxes; to be told at the next `wake`. */
  touch(userIds: readonly string[]): void {
    for (const userId of userIds) this.#touched.add(userId);
  }

  /** An alert is being told to somebody: those who have subscribed to `alerts` hear of it at the next `wake`. */
  announce(alert: object): void {
    this.#alerts.push(alert);
  }

  /** Tells the sockets what has come and changed since the last time. */
  wake(): void {
    const touched = this.#touched;
    const changed = this.#changed;
    this.#touched = new Set();
    this.#changed = [];
    const alerts = this.#alerts;
    this.#alerts = [];
    for (const alert of alerts) this.#sockets.publish('alerts', { type: 'alert', ...alert });
    if (touched.size > 0) this.#sockets.wake(touched).catch((error) => this.#logError(error));
    for (const { items, action } of changed) this.#tell(items, action).catch((error) => this.#logError(error));
  }

  /** Brings back what was snoozed until now, and looks for what others have written. */
  async #run(): Promise<void> {
    const now = this.#clock.now();
    const end = await nextSnoozeEnd(this.#store.db);
    if (end !== null && end <= now) {
      await this.#sockets.wake(await this.#store.transaction((db) => resurfaceSnoozed(db, now, BATCH)));
    }
    await this.#sockets.sweep();
  }

  /** What other processes write for open sockets is looked for each second. */
  async #nextDue(): Promise<number | null> {
    const hasOthers = this.#store.kind === 'postgres' && this.#sockets.count > 0;
    return hasOthers ? this.#clock.now() : nextSnoozeEnd(this.#store.db);
  }

  /**
   * Serves a user's inbox on a socket until it closes: each notification as one frame, written by `format`; after
   * `afterSeq` the missed ones first.
   */
  connect(
    userId: string,
    socket: WebSocket,
    afterSeq: number | undefined,
    format: (item: NotificationItem) => string,
  ): Promise<void> {
    this.#sweep.news();
    return this.#sockets.accept(userId, socket, afterSeq, format);
  }

  async #tell(items: readonly ChangedInboxItem[], action: InboxAction): Promise<void> {
    const state = {
      state: STATES[action.kind],
      ...(action.kind === 'snooze' && { snoozed_until: formatInstant(action.until) }),
    };
    for (const [userId, own] of Map.groupBy(items, (item) => item.user_id)) {
      const ids = own.map((item) => item.notification_id);
      await this.#sockets.changed(userId, ids, state);
    }
  }

  async #itemsAfter(userId: string, seq: number, limit: number) {
    const views = await listInboxAfter(this.#store.db, userId, seq, limit);
    const items = await loadItems(this.#store.db, views, userId);
    return items.map((item, index) => ({ seq: views[index]!.seq, item }));
  }

  #logError(error: unknown): void {
    this.#logger.warn({ err: error }, 'inboxes could not be read for their sockets');
  }
}
