import { newId } from '../../lib/id.ts';
import { parseRecurrence } from '../../lib/recurrence.ts';
import { type Issue, invalid, notFound, ServiceError } from '../../model/errors.ts';
import type { LabelMatcher } from '../../model/label-matcher.ts';
import type { Labels } from '../../model/labels.ts';
import {
  type ControlStore,
  deleteMaintenanceWindow,
  listMaintenanceWindows,
  saveMaintenanceWindow,
} from '../../stores/control/index.ts';
import { timeZone } from '../alertmanager-config/time-interval.ts';
import { compileMatchers } from '../routing/label-matchers.ts';
import { matcherIssues } from '../silences/silence-book.ts';
import {
  fromStoredWindow,
  type MaintenanceWindow,
  type Occurrence,
  occurrencesFrom,
  toStoredWindow,
} from './maintenance-window.ts';

/** What a person says about a window. */
export interface MaintenanceForm {
  readonly name: string;
  readonly matchers: readonly LabelMatcher[];
  readonly start: string;
  readonly durationMs: number;
  readonly rrule: string | null;
  readonly timeZone: string;
  readonly comment: string;
  readonly createdBy: string;
  readonly enabled: boolean;
}

const MOST_WINDOWS = 1000;
const LONGEST_MS = 31 * 86_400_000;

interface Planned {
  readonly window: MaintenanceWindow;
  /** The one that is under way or comes next, as far as it was worked out. */
  occurrence: Occurrence | undefined;
}

/** All maintenance windows. What is remembered in memory follows the store. */
export class MaintenanceBook {
  readonly #store: ControlStore;
  readonly #onChange: () => void;
  readonly #planned = new Map<string, Planned>();

  constructor(store: ControlStore, onChange: () => void) {
    this.#store = store;
    this.#onChange = onChange;
  }

  async load(now: number): Promise<void> {
    for (const row of await listMaintenanceWindows(this.#store.db)) this.#plan(fromStoredWindow(row), now);
  }

  /** Newest first. */
  list(): MaintenanceWindow[] {
    return [...this.#planned.values()].map(({ window }) => window).sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  /** Throws 404. */
  get(id: string): MaintenanceWindow {
    const planned = this.#planned.get(id);
    if (!planned) throw notFound(`there is no maintenance window with the id ${id}`);
    return planned.window;
  }

  /** What a form would be as a window, not saved. Throws 422 naming what is wrong. */
  draft(form: MaintenanceForm, now: number): MaintenanceWindow {
    return toWindow(form, 'draft', now, now);
  }

  /** Throws 422 naming what is wrong. */
  async create(form: MaintenanceForm, now: number): Promise<MaintenanceWindow> {
    if (this.#planned.size >= MOST_WINDOWS) {
      throw new ServiceError('conflict', `there are ${MOST_WINDOWS} maintenance windows already`);
    }
    return this.#save(toWindow(form, newId(), now, now), now);
  }

  /** Throws 404, 422. */
  async update(id: string, form: MaintenanceForm, now: number): Promise<MaintenanceWindow> {
    return this.#save(toWindow(form, id, this.get(id).createdAt, now), now);
  }

  /** Throws 404. */
  async remove(id: string): Promise<void> {
    this.get(id);
    await deleteMaintenanceWindow(this.#store.db, id);
    this.#planned.delete(id);
    this.#onChange();
  }

  /** Windows in force for these labels. */
  find(labels: Labels, now: number): MaintenanceWindow[] {
    const found: MaintenanceWindow[] = [];
    for (const planned of this.#planned.values()) {
      const occurrence = this.#occurrence(planned, now);
      if (occurrence && now >= occurrence.startsAt && planned.window.matchers.matches(labels)) {
        found.push(planned.window);
      }
    }
    return found;
  }

  /** The next moment at which one begins or ends, or `undefined`. */
  nextBoundary(now: number): number | undefined {
    let next: number | undefined;
    for (const planned of this.#planned.values()) {
      const occurrence = this.#occurrence(planned, now);
      const at = occurrence && (occurrence.startsAt > now ? occurrence.startsAt : occurrence.endsAt);
      if (at !== undefined && (next === undefined || at < next)) next = at;
    }
    return next;
  }

  #occurrence(planned: Planned, now: number): Occurrence | undefined {
    if (planned.occurrence && now >= planned.occurrence.endsAt) {
      planned.occurrence = occurrencesFrom(planned.window, now, 1)[0];
    }
    return planned.occurrence;
  }

  #plan(window: MaintenanceWindow, now: number): void {
    const occurrence = window.enabled ? occurrencesFrom(window, now, 1)[0] : undefined;
    this.#planned.set(window.id, { window, occurrence });
  }

  async #save(window: MaintenanceWindow, now: number): Promise<MaintenanceWindow> {
    await saveMaintenanceWindow(this.#store.db, toStoredWindow(window));
    this.#plan(window, now);
    this.#onChange();
    return window;
  }
}

function toWindow(form: MaintenanceForm, id: string, createdAt: number, now: number): MaintenanceWindow {
  const issues: Issue[] = matcherIssues(form.matchers);
  const check = (path: string, work: () => unknown) => {
    try {
      work();
    } catch (error) {
      issues.push({ path, message: (error as Error).message });
    }
  };
  check('time_zone', () => timeZone(form.timeZone));
  check('start', () => localTime(form.start));
  check('rrule', () => form.rrule !== null && parseRecurrence(form.rrule, 'UTC'));
  if (form.durationMs < 1000 || form.durationMs > LONGEST_MS) {
    issues.push({ path: 'duration', message: 'must be 1s to 31d' });
  }
  if (issues.length > 0) throw invalid(...issues);
  return { ...form, id, matchers: compileMatchers(form.matchers), createdAt, updatedAt: now };
}

function localTime(text: string): Temporal.PlainDateTime {
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/.test(text)) {
    try {
      return Temporal.PlainDateTime.from(text, { overflow: 'reject' });
    } catch {
      // Falls through to the one message.
    }
  }
  throw new Error('use a local date and time such as 2026-01-04T02:00');
}
