import fc from 'fast-check';
import { expect, it } from 'vitest';
import { propertyRuns } from '../../../../tests/support/property-runs.ts';
import type { InstanceState } from '../machine/instance-state.ts';
import { step } from '../machine/step.ts';
import { parseRuleFile } from '../rule-files/parse-rule-file.ts';
import type { AlertingRule, RuleGroup } from '../rule-files/rule-file.ts';
import { fileAlertRule } from '../rule-groups/file-alert-rule.ts';
import { type AlertRule, FORM_DEFAULTS } from '../rules/alert-rule.ts';
import { type PreparedRule, prepareRule } from '../rules/prepare-rule.ts';
import { HEALTH_LABEL, type LiveRule, liveRule, machineRule } from './live-rule.ts';
import { type Evaluation, type Outcome, observe } from './observe.ts';

/** One interval. Two of them are the grace after a start in which silence says nothing. */
const TICK = 60_000;
const GRACE = 2 * TICK;

/** Values by series; 'error': the query fails. */
type Data = 'error' | Readonly<Record<string, number>>;

interface Moment {
  readonly data: Data;
  /** Intervals since the moment before. */
  readonly gap: number;
  /** The service was stopped and has come back just before. */
  readonly isRestarted: boolean;
}

/** The machine under test, with what it remembers taken through JSON at a restart; what is after each moment. */
function real(prepared: PreparedRule, moments: readonly Moment[]): string[] {
  const rule: AlertRule = { ...prepared, id: 'rule', version: 1, createdAt: 0, updatedAt: 0 };
  let live = liveRule(rule, 0);
  let now = 0;
  return moments.map(({ data, gap, isRestarted }) => {
    now += gap * TICK;
    if (isRestarted) live = restarted(live, now);
    const samples = data === 'error' ? [] : Object.entries(data).map(([id, value]) => ({ labels: { id }, value }));
    const outcome: Outcome = data === 'error' ? { kind: 'error', message: 'broken' } : { kind: 'data', samples };
    const evaluation = observe(live, outcome, now, { maxInstances: 500 });
    take(live, evaluation, now);
    const { emptyEvaluations, failedEvaluations } = evaluation;
    Object.assign(live, { emptyEvaluations, failedEvaluations });
    return [...live.instances.values()]
      .filter(({ identity }) => !identity[HEALTH_LABEL])
      .map(({ identity, state: { name, severity, startedAt } }) =>
        show(identity.id ?? 'rule', name, severity, startedAt),
      )
      .sort()
      .join(' ');
  });
}

function take(live: LiveRule, { observations }: Evaluation, now: number): void {
  for (const [key, { identity, observation }] of observations) {
    const { state } = step(live.instances.get(key)?.state, observation, machineRule(live.rule), now);
    if (state) live.instances.set(key, { fingerprint: key, identity, state, episode: null });
    else live.instances.delete(key);
  }
}

function restarted(before: LiveRule, now: number): LiveRule {
  const live = liveRule(before.rule, now);
  for (const [key, instance] of before.instances) {
    const state = JSON.parse(JSON.stringify(instance.state)) as InstanceState;
    live.instances.set(key, { ...instance, state });
  }
  // Time in which nobody looked is no silence.
  for (const [key, one] of before.seen) live.seen.set(key, one.isSilent ? one : { ...one, at: now });
  return live;
}

const show = (key: string, phase: string, severity: string, startedAt: number) =>
  `${key}:${phase}:${severity}@${startedAt / TICK}`;

/** What somebody sees of one label set at one look: worse than a threshold, between, well, nothing, or not even that. */
type Letter = 'B' | '=' | '-' | '?' | '!';

/** Written down at each look since the last turn of events. */
interface Entry {
  readonly at: number;
  readonly letter: Letter;
}

interface Holding {
  readonly forTicks: number;
  readonly keepTicks: number;
  readonly tolerance: number;
}

/** One label set as a person keeps it in a diary. */
class Diary {
  phase: 'pending' | 'firing' | 'recovering' = 'pending';
  readonly startedAt: number;
  /** Place in SEVERITY. */
  severity = 0;
  why: Why = 'value';
  #entries: Entry[] = [];
  readonly #holding: Holding;

  constructor(startedAt: number, holding: Holding) {
    this.startedAt = startedAt;
    this.#holding = holding;
  }

  /** Time between neighbours that were both seen and are not too far apart to speak for what was between them. */
  #held(): number {
    const isSeen = ({ letter }: Entry) => letter !== '?' && letter !== '!';
    return this.#entries.reduce((sum, entry, index) => {
      const before = this.#entries[index - 1];
      if (!before || !isSeen(before) || !isSeen(entry)) return sum;
      const span = entry.at - before.at;
      return span <= (this.#holding.tolerance + 1) * TICK ? sum + span : sum;
    }, 0);
  }

  /** The looks at the end of the diary that saw nothing. */
  get silence(): readonly Entry[] {
    const last = this.#entries.findLastIndex(({ letter }) => letter !== '?' && letter !== '!');
    return this.#entries.slice(last + 1);
  }

  get silentLooks(): number {
    return this.silence.filter(({ letter }) => letter === '?').length;
  }

  #turn(phase: Diary['phase'], entry: Entry): true {
    this.phase = phase;
    this.#entries = [entry];
    return true;
  }

  /** False where it is over. */
  write(entry: Entry): boolean {
    const { forTicks, keepTicks, tolerance } = this.#holding;
    const { letter } = entry;
    this.#entries.push(entry);
    if (this.phase === 'pending') {
      if (letter === '=' || letter === '-') return false;
      if (letter === '?') return this.silentLooks <= tolerance;
      return letter === 'B' && this.#held() >= forTicks * TICK ? this.#turn('firing', entry) : true;
    }
    if (this.phase === 'firing') {
      if (letter !== '-') return true;
      return keepTicks > 0 && this.#turn('recovering', entry);
    }
    if (letter === 'B' || letter === '=') return this.#turn('firing', entry);
    return letter !== '-' || this.#held() < keepTicks * TICK;
  }
}

type Why = 'value' | 'silence' | 'failure';

const SEVERITY = ['info', 'warning', 'error', 'critical'] as const;
const LEVELS = [
  { severity: 'critical', threshold: 20 },
  { severity: 'warning', threshold: 10 },
] as const;

interface Settings extends Holding {
  readonly recovery: number | null;
  readonly noData: 'keep_last' | 'fire' | 'resolve';
  readonly onError: 'keep_last' | 'fire' | 'resolve';
  readonly seriesNoData: 'keep_last' | 'fire' | 'resolve';
  readonly goneTicks: number;
}

/** Keeps the diaries of a rule's label sets. */
class Book {
  readonly diaries = new Map<string, Diary>();
  readonly #holding: Holding;

  constructor(holding: Holding) {
    this.#holding = holding;
  }

  see(key: string, entry: Entry, severity = 0, why: Why = 'value'): void {
    const known = this.diaries.get(key);
    if (!known && entry.letter !== 'B') return;
    const diary = known ?? new Diary(entry.at, this.#holding);
    this.diaries.set(key, diary);
    if (entry.letter === 'B') [diary.severity, diary.why] = [Math.max(diary.severity, severity), why];
    if (!diary.write(entry)) this.diaries.delete(key);
  }

  show(): string {
    return [...this.diaries]
      .map(([key, { phase, severity, startedAt }]) => show(key, phase, SEVERITY[severity]!, startedAt))
      .sort()
      .join(' ');
  }
}

/** A rule with thresholds, and what its policies say of silence and failure. */
function model(settings: Settings, moments: readonly Moment[]): string[] {
  const { tolerance, noData, onError, seriesNoData, recovery } = settings;
  const book = new Book(settings);
  /** When each series was there last, and whether it was missed since. */
  const series = new Map<string, { at: number; isMissed: boolean }>();
  let [now, startedAt, empty, failed] = [0, 0, 0, 0];
  // Of the rule itself.
  const whole = SEVERITY.indexOf('warning');
  return moments.map(({ data, gap, isRestarted }) => {
    now += gap * TICK;
    if (isRestarted) {
      [startedAt, empty, failed] = [now, 0, 0];
      for (const one of series.values()) if (!one.isMissed) one.at = now;
    }
    const isLate = now - startedAt < GRACE;
    const all = [...book.diaries];
    const see = (key: string, letter: Letter, severity?: number, why?: Why) =>
      book.see(key, { at: now, letter }, severity, why);
    if (data === 'error') {
      failed++;
      const isOver = onError === 'resolve' && failed > tolerance && !isLate;
      const fires = onError === 'fire' && failed > tolerance;
      for (const [key] of all) if (key !== 'rule' || !fires) see(key, isOver ? '-' : '!');
      if (fires) see('rule', 'B', whole, 'failure');
      return book.show();
    }
    failed = 0;
    const present = Object.entries(data);
    if (present.length === 0) {
      empty++;
      const isOver = noData === 'resolve' && empty > tolerance && !isLate;
      const fires = noData === 'fire' && empty > tolerance;
      for (const [key, { why }] of all) {
        if (key !== 'rule' || !fires) see(key, isOver || why === 'failure' ? '-' : '?');
      }
      if (fires) see('rule', 'B', whole, 'silence');
      return book.show();
    }
    empty = 0;
    for (const [key, value] of present) {
      const level = LEVELS.find(({ threshold }) => value > threshold);
      if (level) see(key, 'B', SEVERITY.indexOf(level.severity));
      else see(key, recovery !== null && value > recovery ? '=' : '-');
      series.set(key, { at: now, isMissed: false });
    }
    for (const [key, one] of series) if (!(key in data)) one.isMissed = true;
    const isSilent = (key: string) =>
      seriesNoData === 'fire' &&
      !isLate &&
      !(key in data) &&
      now - (series.get(key)?.at ?? now) >= settings.goneTicks * TICK;
    for (const [key, { silence, silentLooks }] of all) {
      if (key in data || isSilent(key)) continue;
      const isGone = silentLooks > tolerance && now - silence[0]!.at >= settings.goneTicks * TICK;
      if (key === 'rule') see(key, '-');
      else if (seriesNoData === 'resolve' && isGone) book.diaries.delete(key);
      else see(key, '?');
    }
    for (const key of series.keys()) if (isSilent(key)) see(key, 'B', whole, 'silence');
    return book.show();
  });
}

const value = fc.constantFrom(3, 7, 15, 15, 30);
const data = fc.oneof(
  { weight: 6, arbitrary: fc.dictionary(fc.constantFrom('a', 'b'), value) },
  { weight: 2, arbitrary: fc.record({ a: value, b: value }) },
  { weight: 1, arbitrary: fc.constant<Data>({}) },
  { weight: 1, arbitrary: fc.constant<Data>('error') },
);
const rarely = fc.integer({ min: 0, max: 11 }).map((number) => number === 0);
const moment = fc.record({
  data: data as fc.Arbitrary<Data>,
  gap: fc.constantFrom(1, 1, 1, 1, 1, 1, 2, 3, 4, 6),
  isRestarted: rarely,
});
/** The same for a while: policies speak of what lasts. */
const moments = fc
  .array(fc.tuple(moment, fc.integer({ min: 1, max: 5 })), { maxLength: 15 })
  .map((spells) => spells.flatMap(([one, times]) => [one, ...Array(times - 1).fill({ ...one, isRestarted: false })]));

const policy = fc.constantFrom('keep_last', 'fire', 'resolve');
const settings = fc.record({
  forTicks: fc.integer({ min: 0, max: 4 }),
  keepTicks: fc.integer({ min: 0, max: 4 }),
  tolerance: fc.integer({ min: 0, max: 3 }),
  recovery: fc.constantFrom(null, 5),
  noData: policy,
  onError: policy,
  seriesNoData: policy,
  goneTicks: fc.integer({ min: 1, max: 6 }),
}) as fc.Arbitrary<Settings>;

it('does with thresholds and policies, over gaps and restarts, what the plain model does', () => {
  fc.assert(
    fc.property(settings, moments, (chosen, timeline) => {
      const { noData, onError, seriesNoData, recovery, tolerance } = chosen;
      const prepared = prepareRule({
        ...FORM_DEFAULTS,
        ...{ name: 'Busy', metric: 'load', thresholds: [...LEVELS], recoveryThreshold: recovery, intervalMs: TICK },
        ...{ forMs: chosen.forTicks * TICK, keepFiringForMs: chosen.keepTicks * TICK, missingTolerance: tolerance },
        ...{ noData, onError, seriesNoData, seriesNoDataAfterMs: chosen.goneTicks * TICK },
      });
      expect(real(prepared, timeline)).toEqual(model(chosen, timeline));
    }),
    { numRuns: propertyRuns(1500) },
  );
});

/** Prometheus' machine by its own book (rules/alerting.go): the alerts after each moment. */
function prometheus(forTicks: number, keepTicks: number, moments: readonly Moment[]): string[] {
  interface Alert {
    readonly activeAt: number;
    isFiring: boolean;
    keptSince: number | undefined;
  }
  const alerts = new Map<string, Alert>();
  let now = 0;
  return moments.map(({ data, gap }) => {
    now += gap * TICK;
    if (data !== 'error') {
      for (const id of Object.keys(data)) {
        if (!alerts.has(id)) alerts.set(id, { activeAt: now, isFiring: false, keptSince: undefined });
        alerts.get(id)!.keptSince = undefined;
      }
      for (const [id, alert] of alerts) {
        if (!(id in data)) {
          if (alert.isFiring) alert.keptSince ??= now;
          if (!alert.isFiring || now - alert.keptSince! >= keepTicks * TICK) alerts.delete(id);
        } else if (now - alert.activeAt >= forTicks * TICK) alert.isFiring = true;
      }
    }
    const shown = [...alerts].map(([id, { isFiring, activeAt, keptSince }]) =>
      show(id, keptSince === undefined ? (isFiring ? 'firing' : 'pending') : 'recovering', 'warning', activeAt),
    );
    return shown.sort().join(' ');
  });
}

const found = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constant(1));

it('does with rule files what Prometheus does', () => {
  const ticks = fc.integer({ min: 0, max: 4 });
  fc.assert(
    fc.property(ticks, ticks, fc.array(fc.tuple(found, rarely), { maxLength: 40 }), (forTicks, keepTicks, script) => {
      // An evaluation that fails proves nothing here: a hold does not count the time around it, as it does there.
      const isExact = forTicks === 0 && keepTicks === 0;
      const timeline = script.map(([data, fails]) => ({
        ...{ data: fails && isExact ? ('error' as const) : data, gap: 1, isRestarted: false },
      }));
      expect(real(fromFile(forTicks, keepTicks), timeline)).toEqual(prometheus(forTicks, keepTicks, timeline));
    }),
    { numRuns: propertyRuns(1500) },
  );
});

function fromFile(forTicks: number, keepTicks: number): PreparedRule {
  const text = `groups: [{name: g, rules: [{alert: Busy, expr: load > 10, for: ${forTicks}m, keep_firing_for: ${keepTicks}m}]}]`;
  const { file } = parseRuleFile(text);
  const [group] = file.groups as [RuleGroup];
  return fileAlertRule(group.rules[0] as AlertingRule, group, TICK);
}
