import { newId } from '../../lib/id.ts';
import { type Issue, invalid, notFound, ServiceError } from '../../model/errors.ts';
import type { TimeRange } from '../../model/time-range.ts';
import {
  type ControlStore,
  deleteOnCallOverride,
  deleteOnCallSchedule,
  insertOnCallOverride,
  listOnCallOverrides,
  listOnCallSchedules,
  type StoredOnCallOverride,
  saveOnCallSchedule,
} from '../../stores/control/index.ts';
import { timeZone } from '../alertmanager-config/time-interval.ts';
import { finalShifts, shiftAt } from './final-shifts.ts';
import type { OnCallOverride, OnCallSchedule, OnCallShift } from './schedule.ts';

type ScheduleForm = Pick<OnCallSchedule, 'name' | 'description' | 'timeZone' | 'layers'>;
type OverrideForm = Omit<OnCallOverride, 'id'>;

const MOST_SCHEDULES = 500;
const MOST_OVERRIDES = 500;
const DAY_MS = 86_400_000;
const LONGEST_OVERRIDE_MS = 366 * DAY_MS;
const LONGEST_RANGE_MS = 100 * DAY_MS;

/** All on-call schedules. What is remembered in memory follows the store. */
export class OnCallBook {
  readonly #store: ControlStore;
  readonly #schedules = new Map<string, OnCallSchedule>();

  constructor(store: ControlStore) {
    this.#store = store;
  }

  async load(): Promise<void> {
    const overrides = Map.groupBy(await listOnCallOverrides(this.#store.db), (row) => row.schedule_id);
    for (const row of await listOnCallSchedules(this.#store.db)) {
      this.#schedules.set(row.id, {
        id: row.id,
        name: row.name,
        description: row.description,
        timeZone: row.time_zone,
        layers: JSON.parse(row.layers),
        overrides: (overrides.get(row.id) ?? []).map(fromStored),
        createdAt: row.created_at,
        updatedAt: row.updated_at,
      });
    }
  }

  /** Newest first. */
  list(): OnCallSchedule[] {
    return [...this.#schedules.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  /** Throws 404. */
  get(id: string): OnCallSchedule {
    const schedule = this.#schedules.get(id);
    if (!schedule) throw notFound(`there is no on-call schedule with the id ${id}`);
    return schedule;
  }

  /** Throws 422 naming what is wrong, 409 where the name is taken. */
  async create(form: ScheduleForm, now: number): Promise<OnCallSchedule> {
    if (this.#schedules.size >= MOST_SCHEDULES) {
      throw new ServiceError('conflict', `there are ${MOST_SCHEDULES} on-call schedules already`);
    }
    return this.#save({ ...form, id: newId(), overrides: [], createdAt: now, updatedAt: now });
  }

  /** Throws 404, 409, 422. */
  async update(id: string, patch: Partial<ScheduleForm>, now: number): Promise<OnCallSchedule> {
    return this.#save({ ...this.get(id), ...patch, updatedAt: now });
  }

  /** With its overrides. Throws 404. */
  async remove(id: string): Promise<void> {
    this.get(id);
    await this.#store.transaction((executor) => deleteOnCallSchedule(executor, id));
    this.#schedules.delete(id);
  }

  /** Somebody stands in. Throws 404, 409 where there are too many, 422. */
  async addOverride(id: string, form: OverrideForm, now: number): Promise<OnCallOverride> {
    if (this.get(id).overrides.length >= MOST_OVERRIDES) {
      throw new ServiceError('conflict', `there are ${MOST_OVERRIDES} overrides already: remove those that are over`);
    }
    const issues: Issue[] = [];
    if (form.endsAt <= form.startsAt) issues.push({ path: 'ends_at', message: 'must be after starts_at' });
    else if (form.endsAt <= now) issues.push({ path: 'ends_at', message: 'is over already' });
    if (form.endsAt - form.startsAt > LONGEST_OVERRIDE_MS) {
      issues.push({ path: 'ends_at', message: 'must be at most 366 days after starts_at' });
    }
    if (issues.length > 0) throw invalid(...issues);
    const override: OnCallOverride = { ...form, id: newId() };
    await insertOnCallOverride(this.#store.db, {
      id: override.id,
      schedule_id: id,
      user_id: override.userId,
      starts_at: override.startsAt,
      ends_at: override.endsAt,
      created_by: override.createdBy,
      created_at: now,
    });
    const schedule = this.get(id);
    this.#schedules.set(id, { ...schedule, overrides: [...schedule.overrides, override] });
    return override;
  }

  /** Throws 404. */
  async removeOverride(id: string, overrideId: string): Promise<void> {
    if (!this.get(id).overrides.some((override) => override.id === overrideId)) {
      throw notFound(`the schedule has no override with the id ${overrideId}`);
    }
    await deleteOnCallOverride(this.#store.db, overrideId);
    const schedule = this.get(id);
    this.#schedules.set(id, { ...schedule, overrides: schedule.overrides.filter((one) => one.id !== overrideId) });
  }

  /** The final timeline. Throws 404, 422 where the range is longer than 100 days. */
  shifts(id: string, range: TimeRange): OnCallShift[] {
    if (range.end - range.start > LONGEST_RANGE_MS) {
      throw invalid({ path: 'end', message: 'must be at most 100 days after start' });
    }
    return finalShifts(this.get(id), range);
  }

  /** The shift that is under way at this moment, as far as the two weeks after it show; `undefined`: nobody. Throws 404. */
  at(id: string, at: number): OnCallShift | undefined {
    return shiftAt(this.get(id), at);
  }

  async #save(schedule: OnCallSchedule): Promise<OnCallSchedule> {
    try {
      timeZone(schedule.timeZone);
    } catch (error) {
      throw invalid({ path: 'time_zone', message: (error as Error).message });
    }
    if (this.list().some(({ id, name }) => name === schedule.name && id !== schedule.id)) {
      throw new ServiceError('conflict', `there is an on-call schedule with the name ${schedule.name} already`);
    }
    await saveOnCallSchedule(this.#store.db, {
      id: schedule.id,
      name: schedule.name,
      description: schedule.description,
      time_zone: schedule.timeZone,
      layers: JSON.stringify(schedule.layers),
      created_at: schedule.createdAt,
      updated_at: schedule.updatedAt,
    });
    this.#schedules.set(schedule.id, schedule);
    return schedule;
  }
}

function fromStored(row: StoredOnCallOverride): OnCallOverride {
  const { id, user_id: userId, starts_at: startsAt, ends_at: endsAt, created_by: createdBy } = row;
  return { id, userId, startsAt, endsAt, createdBy };
}
