import type { Clock } from '../../model/clock.ts';
import {
  type AlertNoise,
  type AnalyticsFilter,
  type ControlStore,
  countDeliveries,
  type DeliveryCount,
  deleteAnnotationsBefore,
  deleteEventsBefore,
  deleteNotificationsBefore,
  type Executor,
  eraseDeliveries,
  eraseInbox,
  eraseNotifications,
  erasePreferences,
  loudestAlerts,
  timesToSend,
} from '../../stores/control/index.ts';

/** Rows of one transaction. */
const BATCH = 500;
const RANKS = [0.5, 0.9, 0.99, 1] as const;
const LOUDEST = 20;

export interface Analytics {
  readonly counts: readonly DeliveryCount[];
  /** Milliseconds until a provider had taken it, null where nothing was sent. */
  readonly timeToSend: {
    readonly count: number;
    readonly p50: number | null;
    readonly p90: number | null;
    readonly p99: number | null;
    readonly max: number | null;
  };
  readonly noise: readonly AlertNoise[];
}

/** What was erased, in rows. */
export interface Erasure {
  readonly inboxItems: number;
  readonly deliveries: number;
  readonly notifications: number;
  readonly preferences: number;
  readonly subscriptions: number;
}

/** What was sent: its figures, its end. */
export class History {
  readonly #store: ControlStore;
  readonly #clock: Clock;

  constructor(store: ControlStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async analytics(filter: AnalyticsFilter): Promise<Analytics> {
    const { db } = this.#store;
    const { count, values } = await timesToSend(db, filter, RANKS);
    const [p50 = null, p90 = null, p99 = null, max = null] = values;
    return {
      counts: await countDeliveries(db, filter),
      timeToSend: { count, p50, p90, p99, max },
      noise: await loudestAlerts(db, filter, LOUDEST),
    };
  }

  /** Deletes notifications, events and annotations from before `time` (Unix milliseconds), part by part. */
  async prune(time: number): Promise<void> {
    await this.#inParts((db) => deleteNotificationsBefore(db, time, BATCH));
    await this.#inParts((db) => deleteEventsBefore(db, time, BATCH));
    await this.#inParts((db) => deleteAnnotationsBefore(db, time, BATCH));
  }

  /** Forgets a user: inbox, deliveries with their addresses, what was said to the user alone, preferences. */
  async erase(userId: string): Promise<Erasure> {
    const settings = await this.#store.transaction((db) => erasePreferences(db, userId));
    const inboxItems = await this.#inParts((db) => eraseInbox(db, userId, BATCH));
    const deliveries = await this.#inParts((db) => eraseDeliveries(db, userId, BATCH, this.#clock.now()));
    const notifications = await this.#inParts((db) => eraseNotifications(db, userId, BATCH));
    return { inboxItems, deliveries, notifications, ...settings };
  }

  /** Until a part changes nothing; returns the sum. */
  async #inParts(part: (db: Executor) => Promise<number>): Promise<number> {
    let sum = 0;
    for (;;) {
      const count = await this.#store.transaction(part);
      if (count === 0) return sum;
      sum += count;
    }
  }
}
