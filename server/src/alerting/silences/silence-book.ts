import { newId } from '../../lib/id.ts';
import { type Issue, invalid, notFound, ServiceError } from '../../model/errors.ts';
import type { LabelMatcher } from '../../model/label-matcher.ts';
import type { Labels } from '../../model/labels.ts';
import {
  type ControlStore,
  deleteSilencesBefore,
  type Executor,
  listSilences,
  saveSilence,
} from '../../stores/control/index.ts';
import { compileMatchers, formatMatchers, sortMatchers, valueTest } from '../routing/label-matchers.ts';
import { fromStoredSilence, type Silence, silenceState, toStoredSilence } from './silence.ts';

/** What a person says about a silence. */
export interface SilenceForm {
  /** At least one of them must not match the empty text: a silence is about something. */
  readonly matchers: readonly LabelMatcher[];
  /** Unix milliseconds; before now means now. */
  readonly startsAt: number;
  readonly endsAt: number;
  readonly createdBy: string;
  readonly comment: string;
}

const MOST_SILENCES = 10_000;
const MOST_MATCHERS = 100;
/** How long an expired silence can still be looked up. */
const KEPT_MS = 5 * 86_400_000;

/** All silences. What is remembered in memory follows the store. */
export class SilenceBook {
  readonly #store: ControlStore;
  readonly #onChange: () => void;
  #silences = new Map<string, Silence>();

  /** `onChange` is called after every change: what was kept back, or is to be, must be looked at. */
  constructor(store: ControlStore, onChange: () => void) {
    this.#store = store;
    this.#onChange = onChange;
  }

  async load(): Promise<void> {
    const rows = await listSilences(this.#store.db);
    this.#silences = new Map(rows.map((row) => [row.id, fromStoredSilence(row)]));
  }

  /** Newest first. */
  list(): Silence[] {
    return [...this.#silences.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  /** Throws 404. */
  get(id: string): Silence {
    const silence = this.#silences.get(id);
    if (!silence) throw notFound(`there is no silence with the id ${id}`);
    return silence;
  }

  /** Throws 422 naming what is wrong. */
  async create(form: SilenceForm, now: number): Promise<Silence> {
    checkForm(form, now);
    if (this.#silences.size >= MOST_SILENCES) {
      throw new ServiceError('conflict', `there are ${MOST_SILENCES} silences already`);
    }
    const silence = { ...toSilence(form, now), id: newId(), startsAt: Math.max(form.startsAt, now) };
    await this.#save([silence]);
    return silence;
  }

  /**
   * Changes a silence. Where that would rewrite the past (other matchers, another begin of one that is active, one that
   * has expired) a new one takes its place and the old one ends now. Throws 404, 422.
   */
  async update(id: string, form: SilenceForm, now: number): Promise<Silence> {
    const before = this.get(id);
    checkForm(form, now);
    if (canChange(before, form, now)) {
      const changed = { ...toSilence(form, now), id, startsAt: form.startsAt };
      await this.#save([changed]);
      return changed;
    }
    const replacement = { ...toSilence(form, now), id: newId(), startsAt: Math.max(form.startsAt, now) };
    const ended = silenceState(before, now) === 'expired' ? [] : [expired(before, now)];
    await this.#save([...ended, replacement]);
    return replacement;
  }

  /** Ends a silence now; it can still be looked up. Throws 404, 409 where it has ended. */
  async expire(id: string, now: number): Promise<void> {
    const silence = this.get(id);
    if (silenceState(silence, now) === 'expired') {
      throw new ServiceError('conflict', `silence ${id} already expired`);
    }
    await this.#save([expired(silence, now)]);
  }

  /** Remembers that the owner was told that the silence is about to end; `tell` says it in the same transaction. */
  async remind(silence: Silence, now: number, tell: (executor: Executor) => Promise<unknown>): Promise<void> {
    const reminded = { ...silence, remindedAt: now };
    await this.#store.transaction(async (executor) => {
      await tell(executor);
      await saveSilence(executor, toStoredSilence(reminded));
    });
    this.#silences.set(reminded.id, reminded);
  }

  /** Forgets what has expired long ago. */
  async prune(now: number): Promise<void> {
    await deleteSilencesBefore(this.#store.db, now - KEPT_MS);
    for (const { id, endsAt } of this.#silences.values()) if (endsAt < now - KEPT_MS) this.#silences.delete(id);
  }

  /** Silences in force for these labels. */
  find(labels: Labels, now: number): Silence[] {
    const found: Silence[] = [];
    for (const silence of this.#silences.values()) {
      if (now >= silence.startsAt && now < silence.endsAt && silence.matchers.matches(labels)) found.push(silence);
    }
    return found;
  }

  /** The next moment at which one begins or ends, or `undefined`. */
  nextBoundary(now: number): number | undefined {
    let next: number | undefined;
    for (const { startsAt, endsAt } of this.#silences.values()) {
      for (const at of [startsAt, endsAt]) if (at > now && (next === undefined || at < next)) next = at;
    }
    return next;
  }

  async #save(silences: readonly Silence[]): Promise<void> {
    await this.#store.transaction(async (executor) => {
      for (const silence of silences) await saveSilence(executor, toStoredSilence(silence));
    });
    for (const silence of silences) this.#silences.set(silence.id, silence);
    this.#onChange();
  }
}

function toSilence(form: SilenceForm, now: number): Omit<Silence, 'id'> {
  return {
    matchers: compileMatchers(form.matchers),
    startsAt: form.startsAt,
    endsAt: form.endsAt,
    createdBy: form.createdBy,
    comment: form.comment,
    updatedAt: now,
    remindedAt: null,
  };
}

function expired(silence: Silence, now: number): Silence {
  return { ...silence, startsAt: Math.min(silence.startsAt, now), endsAt: now, updatedAt: now };
}

function canChange(before: Silence, form: SilenceForm, now: number): boolean {
  const shown = (matchers: readonly LabelMatcher[]) => formatMatchers(sortMatchers(matchers));
  if (shown(before.matchers.matchers) !== shown(form.matchers)) return false;
  switch (silenceState(before, now)) {
    case 'active':
      return Math.floor(form.startsAt / 1000) === Math.floor(before.startsAt / 1000);
    case 'pending':
      return form.startsAt >= now;
    case 'expired':
      return false;
  }
}

function checkForm(form: SilenceForm, now: number): void {
  const issues = matcherIssues(form.matchers);
  if (form.endsAt < form.startsAt) issues.push({ path: 'ends_at', message: 'start time must be before end time' });
  else if (form.endsAt <= now) issues.push({ path: 'ends_at', message: "end time can't be in the past" });
  if (issues.length > 0) throw invalid(...issues);
}

/** What is wrong with the matchers of a silence. */
export function matcherIssues(matchers: readonly LabelMatcher[]): Issue[] {
  const issues: Issue[] = [];
  const path = 'matchers';
  if (matchers.length === 0) issues.push({ path, message: 'at least one matcher required' });
  if (matchers.length > MOST_MATCHERS) issues.push({ path, message: `at most ${MOST_MATCHERS}` });
  let isAboutSomething = false;
  for (const [index, matcher] of matchers.entries()) {
    if (matcher.name === '') issues.push({ path: `${path}[${index}]`, message: 'invalid label name ""' });
    try {
      if (!valueTest(matcher)('')) isAboutSomething = true;
    } catch (error) {
      issues.push({ path: `${path}[${index}]`, message: (error as Error).message });
      isAboutSomething = true;
    }
  }
  if (matchers.length > 0 && !isAboutSomething) {
    issues.push({ path, message: 'at least one matcher must not match the empty string' });
  }
  return issues;
}
