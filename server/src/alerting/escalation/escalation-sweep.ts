import { DueTask } from '../../lib/due-task.ts';
import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import {
  type ControlStore,
  findDueEscalation,
  listDueEscalations,
  nextEscalationAt,
  type StoredEscalation,
} from '../../stores/control/index.ts';
import type { Dispatcher } from '../grouping/dispatcher.ts';
import type { NotificationCentre } from '../notices/notification-centre.ts';
import type { OnCallBook } from '../on-call/on-call-book.ts';
import { fromStoredEscalation } from './escalation.ts';
import { goOn } from './go-on.ts';

export interface EscalationSweepOptions {
  readonly store: ControlStore;
  readonly dispatcher: Dispatcher;
  readonly notifications: NotificationCentre;
  readonly onCall: OnCallBook;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Base of the links in notifications. */
  readonly publicUrl: string;
  /** For tests of crashes: called at labelled points; what it throws ends the work there. */
  readonly crashPoint?: ((label: CrashPoint) => void) | undefined;
}

export type CrashPoint = 'step_chosen' | 'step_enqueued' | 'position_saved' | 'committed';

/** Escalations of one transaction. */
const MOST_TOGETHER = 100;

/**
 * Takes escalations on when they are due. When that is stands in the store, so that a process that dies forgets
 * nothing. A step's deliveries and the position after it are one transaction.
 */
export class EscalationSweep {
  readonly #options: EscalationSweepOptions;
  readonly #task: DueTask;

  constructor(options: EscalationSweepOptions) {
    this.#options = options;
    const { store, clock, logger } = options;
    this.#task = new DueTask({
      clock,
      work: () => this.#sweep(),
      nextDue: () => nextEscalationAt(store.db),
      watch: (listener) => store.watch(['escalations'], listener),
      rereadMs: store.rereadMs,
      onError: (error) => logger.error({ err: error }, 'escalations could not go on; the next attempt is in a second'),
    });
  }

  start(): void {
    this.#task.start();
  }

  stop(): Promise<void> {
    return this.#task.stop();
  }

  get busy(): boolean {
    return this.#task.busy;
  }

  async #sweep(): Promise<void> {
    const { store, dispatcher, notifications, clock, crashPoint } = this.#options;
    const now = clock.now();
    const waiting = await listDueEscalations(store.db, now, MOST_TOGETHER);
    if (waiting.length === 0) return;
    try {
      await dispatcher.record(now, async (turn) => {
        for (const row of await listDueEscalations(turn.executor, now, MOST_TOGETHER)) {
          await goOn(fromStoredEscalation(row), turn, this.#options);
        }
      });
    } catch (error) {
      if (waiting.length === 1) throw error;
      await this.#oneByOne(waiting, now);
    }
    crashPoint?.('committed');
    notifications.wake();
  }

  /** Each in a transaction of its own: one that cannot go on holds none of the others up. Rejects with what it met. */
  async #oneByOne(waiting: readonly StoredEscalation[], now: number): Promise<void> {
    const { dispatcher, notifications } = this.#options;
    const failures: unknown[] = [];
    for (const one of waiting) {
      try {
        await dispatcher.record(now, async (turn) => {
          const row = await findDueEscalation(turn.executor, one, now);
          if (row) await goOn(fromStoredEscalation(row), turn, this.#options);
        });
        notifications.wake();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
