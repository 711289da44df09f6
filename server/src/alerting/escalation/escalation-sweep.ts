import { PeriodicTask } from '../../lib/periodic-task.ts';
import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import { type ControlStore, listDueEscalations } from '../../stores/control/index.ts';
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

const SWEEP_MS = 1000;
/** Escalations of one transaction. */
const MOST_TOGETHER = 100;

/**
 * Takes escalations on when they are due. There are no timers for them: each second asks the store, so that a process
 * that dies forgets nothing. A step's deliveries and the position after it are one transaction.
 */
export class EscalationSweep {
  readonly #options: EscalationSweepOptions;
  readonly #task: PeriodicTask;
  #isBusy = false;

  constructor(options: EscalationSweepOptions) {
    this.#options = options;
    this.#task = new PeriodicTask(options.clock, SWEEP_MS, () => this.#sweep());
  }

  start(): void {
    this.#task.start();
  }

  stop(): Promise<void> {
    return this.#task.stop();
  }

  get busy(): boolean {
    return this.#isBusy;
  }

  async #sweep(): Promise<void> {
    const { store, dispatcher, notifications, clock, logger, crashPoint } = this.#options;
    this.#isBusy = true;
    try {
      const now = clock.now();
      const waiting = await listDueEscalations(store.db, now, 1);
      if (waiting.length === 0) return;
      await dispatcher.record(now, async (turn) => {
        for (const row of await listDueEscalations(turn.executor, now, MOST_TOGETHER)) {
          await goOn(fromStoredEscalation(row), turn, this.#options);
        }
      });
      crashPoint?.('committed');
      notifications.wake();
    } catch (error) {
      logger.error({ err: error }, 'escalations could not go on; the next attempt is in a second');
    } finally {
      this.#isBusy = false;
    }
  }
}
