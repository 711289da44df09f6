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
  eraseActor,
  eraseDeliveries,
  eraseInbox,
  eraseMember,
  eraseNotifications,
  erasePreferences,
  eraseSchedules,
  loudestAlerts,
  type NamedPlace,
  placesThatName,
  timesUntil,
} from '../../stores/control/index.ts';

/** Rows of one transaction. */
const BATCH = 500;
const RANKS = [0.5, 0.9, 0.99, 1] as const;
const LOUDEST = 20;
/** Places of each kind that are named to somebody who erases a user. */
const MOST_REMAINS = 100;

interface Quantiles {
  readonly count: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

export interface Analytics {
  readonly counts: readonly DeliveryCount[];
  /** Milliseconds until a provider had taken it, null where nothing was sent. */
  readonly timeToSend: Quantiles;
  /** Milliseconds until it had arrived, as providers have told. */
  readonly timeToDeliver: Quantiles;
  readonly noise: readonly AlertNoise[];
}

/** What was erased, in rows. */
export interface Erasure {
  readonly inboxItems: number;
  readonly deliveries: number;
  readonly notifications: number;
  readonly preferences: number;
  readonly subscriptions: number;
  /** What was said to the user by the calendar. */
  readonly schedules: number;
  /** Records of what the user has done, in which the name is gone. */
  readonly records: number;
  /** What still names the user, since somebody has set it up so. */
  readonly remains: readonly NamedPlace[];
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
    const quantiles = async (end: 'sent_at' | 'delivered_at') => {
      const { count, values } = await timesUntil(db, end, filter, RANKS);
      const [p50 = null, p90 = null, p99 = null, max = null] = values;
      return { count, p50, p90, p99, max };
    };
    return {
      counts: await countDeliveries(db, filter),
      timeToSend: await quantiles('sent_at'),
      timeToDeliver: await quantiles('delivered_at'),
      noise: await loudestAlerts(db, filter, LOUDEST),
    };
  }

  /** Deletes notifications, events and annotations from before `time` (Unix milliseconds), part by part. */
  async prune(time: number): Promise<void> {
    await this.#inParts((db) => deleteNotificationsBefore(db, time, BATCH));
    await this.#inParts((db) => deleteEventsBefore(db, time, BATCH));
    await this.#inParts((db) => deleteAnnotationsBefore(db, time, BATCH));
  }

  /**
   * Forgets a user: inbox, deliveries with their addresses, what was said to the user alone, preferences, schedules,
   * and the name in records of what was done.
   */
  async erase(userId: string): Promise<Erasure> {
    const settings = await this.#store.transaction(async (db) => {
      await eraseMember(db, userId);
      return { ...(await erasePreferences(db, userId)), schedules: await eraseSchedules(db, userId) };
    });
    const records = await this.#store.transaction((db) => eraseActor(db, userId));
    const inboxItems = await this.#inParts((db) => eraseInbox(db, userId, BATCH));
    const deliveries = await this.#inParts((db) => eraseDeliveries(db, userId, BATCH, this.#clock.now()));
    const notifications = await this.#inParts((db) => eraseNotifications(db, userId, BATCH));
    const remains = await placesThatName(this.#store.db, userId, MOST_REMAINS);
    return { inboxItems, deliveries, notifications, ...settings, records, remains };
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
