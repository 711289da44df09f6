import { createHash } from 'node:crypto';
import { type Labels, labelsKey, METRIC_NAME } from '../../../model/labels.ts';
import type { MetricType, SeriesSamples } from '../../../model/metric.ts';
import type { TimeRange } from '../../../model/time-range.ts';
import type { RecentSeries } from '../head/recent-series.ts';
import { listOf } from '../head/write-record.ts';
import type { LabelPredicate } from './label-predicate.ts';

/** A series that the store knows. Times are Unix milliseconds. */
export interface SeriesEntry {
  /** 64 bits of a hash of the name and the labels, the same in every process. */
  readonly id: bigint;
  /** The halves of the id. */
  readonly idLow: number;
  readonly idHigh: number;
  readonly name: string;
  /** With `__name__`. */
  readonly labels: Labels;
  type: MetricType;
  unit: string;
  help: string;
  firstSeen: number;
  lastSeen: number;
  /** So much later than `lastSeen` there may be samples. */
  lagMs: number;
  /** What the table says; `undefined` while its row is missing or wrong. */
  stored: { readonly firstSeen: number; readonly lastSeen: number } | undefined;
  /** The index that knows the series; `undefined` once it was forgotten. */
  index: SeriesIndex | undefined;
  /** Number of the newest batch that it came in. */
  batch: number;
  /** Its newest samples, where a head keeps them. */
  recent: RecentSeries | undefined;
  /** Where a `WriteRecord` keeps its metric. */
  readonly writeList: number;
}

export type SeriesFacts = Pick<SeriesEntry, 'type' | 'unit' | 'help' | 'firstSeen' | 'lastSeen' | 'lagMs' | 'stored'>;

type Named = Pick<SeriesSamples, 'name' | 'labels' | 'memo'>;

/** The id of a series. `labels` without `__name__`, in any order. */
export function seriesId(name: string, labels: Labels): bigint {
  return createHash('sha256').update(seriesKey(name, labels)).digest().readBigUInt64LE(0);
}

function seriesKey(name: string, labels: Labels): string {
  return `${name}\u0002${labelsKey(labels)}`;
}

type Postings = Map<string, Set<SeriesEntry>>;

/** All known series in memory, found by their labels. */
export class SeriesIndex {
  readonly #byKey = new Map<string, SeriesEntry>();
  readonly #byId = new Map<bigint, SeriesEntry>();
  /** Label, value, series. */
  readonly #postings = new Map<string, Postings>();

  get size(): number {
    return this.#byKey.size;
  }

  byId(id: bigint): SeriesEntry | undefined {
    return this.#byId.get(id);
  }

  /** `labels` without `__name__`. */
  find({ name, labels, memo }: Named): SeriesEntry | undefined {
    const known = memo?.entry as SeriesEntry | undefined;
    if (known?.index === this) return known;
    const entry = this.#byKey.get(seriesKey(name, labels));
    if (memo) memo.entry = entry;
    return entry;
  }

  /** Takes a series that `find` did not know; `labels` without `__name__`. */
  add({ name, labels, memo }: Named, facts: SeriesFacts): SeriesEntry {
    const id = seriesId(name, labels);
    const entry: SeriesEntry = {
      id,
      idLow: Number(id & 0xffff_ffffn),
      idHigh: Number(id >> 32n),
      name,
      labels: { [METRIC_NAME]: name, ...labels },
      ...facts,
      index: this,
      batch: 0,
      recent: undefined,
      writeList: listOf(name),
    };
    if (memo) memo.entry = entry;
    this.#byKey.set(seriesKey(name, labels), entry);
    this.#byId.set(entry.id, entry);
    for (const label in entry.labels) this.#posting(label, entry.labels[label]!).add(entry);
    return entry;
  }

  #posting(label: string, value: string): Set<SeriesEntry> {
    const values: Postings = this.#postings.get(label) ?? new Map();
    if (values.size === 0) this.#postings.set(label, values);
    const entries: Set<SeriesEntry> = values.get(value) ?? new Set();
    if (entries.size === 0) values.set(value, entries);
    return entries;
  }

  /** Forgets series that were last seen before. */
  prune(before: number): void {
    for (const [key, entry] of this.#byKey) {
      if (entry.lastSeen + entry.lagMs >= before) continue;
      this.#byKey.delete(key);
      this.#byId.delete(entry.id);
      entry.index = undefined;
      for (const label in entry.labels) this.#removePosting(label, entry);
    }
  }

  #removePosting(label: string, entry: SeriesEntry): void {
    const values = this.#postings.get(label);
    const entries = values?.get(entry.labels[label]!);
    entries?.delete(entry);
    if (entries?.size === 0) values!.delete(entry.labels[label]!);
    if (values?.size === 0) this.#postings.delete(label);
  }

  all(): Iterable<SeriesEntry> {
    return this.#byKey.values();
  }

  /** How many series the metric has. */
  countOf(metric: string): number {
    return this.#postings.get(METRIC_NAME)?.get(metric)?.size ?? 0;
  }

  /** The values of a label of series that may have samples in `start <= t <= end`. */
  valuesOf(label: string, range: TimeRange): string[] {
    const found: string[] = [];
    for (const [value, entries] of this.#postings.get(label) ?? []) {
      if (value === '') continue;
      for (const entry of entries) {
        if (!isSeenIn(entry, range)) continue;
        found.push(value);
        break;
      }
    }
    return found;
  }

  /** Series that pass all predicates and may have samples in `start <= t <= end`. */
  select(predicates: readonly LabelPredicate[], range: TimeRange): SeriesEntry[] {
    const { candidates, used } = this.#narrowest(predicates);
    const rest = predicates.filter((predicate) => predicate !== used);
    const selected: SeriesEntry[] = [];
    for (const entry of candidates) {
      if (!isSeenIn(entry, range)) continue;
      if (rest.every((predicate) => predicate.accepts(entry.labels[predicate.label] ?? ''))) selected.push(entry);
    }
    return selected;
  }

  /** The smallest set of series that one predicate leaves; a predicate that takes a missing label leaves all. */
  #narrowest(predicates: readonly LabelPredicate[]): { candidates: Iterable<SeriesEntry>; used?: LabelPredicate } {
    let best: { sets: Set<SeriesEntry>[]; size: number; used: LabelPredicate } | undefined;
    for (const used of predicates) {
      if (used.acceptsEmpty) continue;
      const sets = this.#setsOf(used);
      const size = sets.reduce((sum, set) => sum + set.size, 0);
      if (!best || size < best.size) best = { sets, size, used };
    }
    return best ? { candidates: concat(best.sets), used: best.used } : { candidates: this.all() };
  }

  #setsOf(predicate: LabelPredicate): Set<SeriesEntry>[] {
    const values = this.#postings.get(predicate.label);
    if (!values) return [];
    if (predicate.exact) return [...predicate.exact].flatMap((value) => values.get(value) ?? []);
    return [...values].filter(([value]) => predicate.accepts(value)).map(([, entries]) => entries);
  }
}

function isSeenIn({ firstSeen, lastSeen, lagMs }: SeriesEntry, { start, end }: TimeRange): boolean {
  return firstSeen <= end && lastSeen + lagMs >= start;
}

function* concat(sets: readonly Set<SeriesEntry>[]): Iterable<SeriesEntry> {
  for (const set of sets) yield* set;
}
