import { DueTask } from '../../lib/due-task.ts';
import { newId } from '../../lib/id.ts';
import { occurrences, parseRecurrence } from '../../lib/recurrence.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid, notFound, ServiceError } from '../../model/errors.ts';
import type { Logger } from '../../model/logger.ts';
import {
  advanceNotificationSchedule,
  type ControlStore,
  deleteNotificationSchedule,
  dueNotificationSchedules,
  type Executor,
  findNotificationSchedule,
  insertNotificationSchedule,
  listNotificationSchedules,
  nextScheduleAt,
  type StoredNotificationSchedule,
  updateNotificationSchedule,
} from '../../stores/control/index.ts';
import type { NotifyCommand } from '../notify-command.ts';
import type { PlannedRequest } from '../plan.ts';

/** Something that is said again and again. Times are Unix milliseconds. */
export interface NotificationSchedule {
  readonly id: string;
  readonly name: string;
  readonly command: NotifyCommand;
  /** RFC 5545; null: once. */
  readonly rrule: string | null;
  /** The first time by the clock on the wall: `2026-01-05T08:00`. */
  readonly start: string;
  readonly timeZone: string;
  /** False: its turns pass by. */
  readonly enabled: boolean;
  /** Null: over, or paused. */
  readonly nextAt: number | null;
  /** Its next turns, at most five. */
  readonly upcoming: readonly number[];
  readonly lastAt: number | null;
  readonly lastNotificationId: string | null;
  readonly lastError: string | null;
  readonly createdAt: number;
}

export type ScheduleForm = Pick<NotificationSchedule, 'name' | 'command' | 'rrule' | 'start' | 'timeZone' | 'enabled'>;

export interface ScheduleBookOptions {
  readonly store: ControlStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Rejects with `invalid` where the command cannot be understood. */
  readonly prepare: (command: NotifyCommand) => Promise<PlannedRequest>;
  /** Makes the notification by the transaction that it is given. */
  readonly enqueue: (db: Executor, request: PlannedRequest) => Promise<{ readonly id: string }>;
  /** Called after the commit. */
  readonly wake: () => void;
}

const MOST_SCHEDULES = 1000;
const BATCH = 50;
const MOST_UPCOMING = 5;

/**
 * Notifications by the calendar. Each is a row with the time of its next turn: a sweep makes the notification and sets
 * the next time in one transaction. Turns that were missed while nothing ran are made up for once, not one by one.
 */
export class ScheduleBook {
  readonly #options: ScheduleBookOptions;
  readonly #sweep: DueTask;

  constructor(options: ScheduleBookOptions) {
    this.#options = options;
    const { store, clock, logger } = options;
    this.#sweep = new DueTask({
      clock,
      work: () => this.#run(),
      nextDue: () => nextScheduleAt(store.db),
      watch: (listener) => store.watch(['notification_schedules'], listener),
      rereadMs: store.rereadMs,
      onError: (error) => logger.error({ err: error }, 'scheduled notifications could not be looked at'),
    });
  }

  start(): void {
    this.#sweep.start();
  }

  stop(): Promise<void> {
    return this.#sweep.stop();
  }

  async list(): Promise<NotificationSchedule[]> {
    const { store, clock } = this.#options;
    return (await listNotificationSchedules(store.db)).map((row) => toSchedule(row, clock.now()));
  }

  /** Throws `not_found`. */
  async get(id: string): Promise<NotificationSchedule> {
    const { store, clock } = this.#options;
    return toSchedule(await find(store.db, id), clock.now());
  }

  /** Throws `invalid` where something cannot be, or would never happen. */
  async add(form: ScheduleForm, principal: string): Promise<NotificationSchedule> {
    const { store, clock, prepare } = this.#options;
    await prepare(form.command);
    const now = clock.now();
    const next = turnToCome(form, now);
    const row: StoredNotificationSchedule = {
      ...{ id: newId(), name: form.name, command: JSON.stringify(form.command), rrule: form.rrule },
      ...{ start_local: form.start, time_zone: form.timeZone, principal, next_at: next, created_at: now },
      enabled: form.enabled ? 1 : 0,
      ...{ last_at: null, last_notification_id: null, last_error: null },
    };
    await store.transaction(async (db) => {
      if ((await listNotificationSchedules(db)).length >= MOST_SCHEDULES) {
        throw new ServiceError('conflict', `there are ${MOST_SCHEDULES} schedules already; delete some`);
      }
      await insertNotificationSchedule(db, row);
    });
    return toSchedule(row, now);
  }

  /**
   * In place of what it was; what was missed while it was paused is not made up for. Throws `not_found`, `invalid`.
   */
  async replace(id: string, form: ScheduleForm): Promise<NotificationSchedule> {
    const { store, clock, prepare } = this.#options;
    await prepare(form.command);
    const now = clock.now();
    await store.transaction(async (db) => {
      await find(db, id);
      await updateNotificationSchedule(db, id, {
        ...{ name: form.name, command: JSON.stringify(form.command), rrule: form.rrule, start_local: form.start },
        ...{
          time_zone: form.timeZone,
          enabled: form.enabled ? 1 : 0,
          next_at: turnToCome(form, now),
          last_error: null,
        },
      });
    });
    return this.get(id);
  }

  /** Pauses it, or lets it go on from now. Throws `not_found`, and `invalid` where there is no time to come. */
  async enable(id: string, isOn: boolean): Promise<NotificationSchedule> {
    const { store, clock } = this.#options;
    const now = clock.now();
    await store.transaction(async (db) => {
      const row = await find(db, id);
      const next = isOn ? turnToCome(toSchedule(row, now), now) : row.next_at;
      await updateNotificationSchedule(db, id, { enabled: isOn ? 1 : 0, next_at: next });
    });
    return this.get(id);
  }

  /** Throws `not_found`. */
  async remove(id: string): Promise<void> {
    const found = await this.#options.store.transaction((db) => deleteNotificationSchedule(db, id));
    if (!found) throw notFound(`there is no schedule ${id}`);
  }

  async #run(): Promise<void> {
    const { store, clock, wake } = this.#options;
    const due = await dueNotificationSchedules(store.db, clock.now(), BATCH);
    for (const row of due) await this.#turn(row, clock.now());
    if (due.length > 0) wake();
  }

  async #turn(row: StoredNotificationSchedule, now: number): Promise<void> {
    const { store, logger, prepare, enqueue } = this.#options;
    const schedule = toSchedule(row, now);
    const done = { next_at: nextTurn(schedule, now), last_at: now };
    try {
      const request = { ...(await prepare(schedule.command)), dedupKey: `schedule:${row.id}:${row.next_at}` };
      await store.transaction(async (db) => {
        const { id } = await enqueue(db, request);
        await advanceNotificationSchedule(db, row, { ...done, last_notification_id: id, last_error: null });
      });
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== 'invalid') throw error;
      logger.warn({ err: error, schedule_id: row.id }, 'a scheduled notification can no longer be made');
      const failed = { ...done, last_notification_id: row.last_notification_id, last_error: error.message };
      await store.transaction((db) => advanceNotificationSchedule(db, row, failed));
    }
  }
}

/** The first turn after `now`. Throws `invalid` where there is none. */
function turnToCome(form: ScheduleForm, now: number): number {
  const next = nextTurn(form, now);
  if (next === null) throw invalid({ path: 'start', message: 'there is no time to come; use a later start' });
  return next;
}

function nextTurn(form: Pick<ScheduleForm, 'rrule' | 'start' | 'timeZone'>, now: number): number | null {
  return turnsAfter(form, now, 1)[0] ?? null;
}

/** The first turns after `now`, at most `count`. Throws `invalid`. */
function turnsAfter(
  { rrule, start, timeZone }: Pick<ScheduleForm, 'rrule' | 'start' | 'timeZone'>,
  now: number,
  count: number,
): number[] {
  let local: Temporal.PlainDateTime;
  try {
    local = Temporal.PlainDateTime.from(start);
  } catch {
    throw invalid({ path: 'start', message: 'use a time by the clock on the wall: 2026-01-05T08:00' });
  }
  let recurrence: ReturnType<typeof parseRecurrence> | undefined;
  try {
    recurrence = rrule === null ? undefined : parseRecurrence(rrule, timeZone);
  } catch (error) {
    throw invalid({ path: 'rrule', message: (error as Error).message });
  }
  const turns: number[] = [];
  for (const at of occurrences(local, timeZone, recurrence, now)) {
    if (at > now) turns.push(at);
    if (turns.length === count) break;
  }
  return turns;
}

async function find(db: Executor, id: string): Promise<StoredNotificationSchedule> {
  const row = await findNotificationSchedule(db, id);
  if (!row) throw notFound(`there is no schedule ${id}`);
  return row;
}

function toSchedule(row: StoredNotificationSchedule, now: number): NotificationSchedule {
  const times = { rrule: row.rrule, start: row.start_local, timeZone: row.time_zone };
  const isOn = row.enabled === 1 && row.next_at !== null;
  return {
    ...{ id: row.id, name: row.name, command: JSON.parse(row.command) as NotifyCommand, ...times },
    ...{ enabled: row.enabled === 1, nextAt: isOn ? row.next_at : null, lastAt: row.last_at },
    upcoming: isOn ? turnsAfter(times, Math.max(now, row.next_at! - 1), MOST_UPCOMING) : [],
    ...{ lastNotificationId: row.last_notification_id, lastError: row.last_error, createdAt: row.created_at },
  };
}
