import type { ExpositionFamily } from '../../lib/exposition-family.ts';
import { parseNumber } from '../../lib/exposition-scanner.ts';
import { openMetricsFloat } from '../../lib/open-metrics-float.ts';
import { type RelabelRule, relabel } from '../../lib/relabel.ts';
import { type Labels, labelsKey, METRIC_NAME } from '../../model/labels.ts';
import type { Exemplar, HistogramSample, SeriesMemo, SeriesSamples } from '../../model/metric.ts';
import { staleMarkerColumn } from '../../model/stale-marker.ts';
import { Families } from './families.ts';
import { ScrapeError } from './scrape-error.ts';
import { StringPool } from './string-pool.ts';

/** What a job wants of the samples of its targets. Limits of 0 are none. */
export interface SampleRules {
  readonly honorLabels: boolean;
  readonly honorTimestamps: boolean;
  readonly trackTimestampsStaleness: boolean;
  readonly metricRelabelRules: readonly RelabelRule[];
  readonly sampleLimit: number;
  readonly labelLimit: number;
  readonly labelNameLengthLimit: number;
  readonly labelValueLengthLimit: number;
  readonly nameValidation: 'utf8' | 'legacy';
}

/** A text that stands for a series in the target's answers, with what became of it. */
export interface KnownLine {
  /** `undefined`: dropped by relabelling. */
  readonly series: KnownSeries | undefined;
  /** The scrape that had it last. */
  scrape: number;
  /** The exemplar that came with it last, as its text. */
  exemplar: string;
}

/** What comes with a sample. */
export interface SampleExtras {
  readonly exemplars?: readonly Exemplar[] | undefined;
  /** Since when it counts, Unix milliseconds. */
  readonly startTimestamp?: number | undefined;
  /** In place of the value. */
  readonly histogram?: HistogramSample['histogram'];
}

/** A series as it is stored. Labels and memo stay the same from scrape to scrape: the store knows it again by them. */
interface KnownSeries {
  readonly name: string;
  readonly labels: Labels;
  readonly memo: SeriesMemo;
  readonly sampleName: string;
  /** Its newest sample was a native histogram. */
  isHistogram: boolean;
  family: ExpositionFamily;
  epoch: number;
  scrape: number;
  /** It had a sample that was not marked as its end. */
  present: boolean;
  readonly hash: number;
  /** The next one with the same hash. */
  next: KnownSeries | undefined;
}

export interface ScrapeOutcome {
  readonly batch: readonly SeriesSamples[];
  /** Samples in the answer. */
  readonly scraped: number;
  /** Those left after relabelling. */
  readonly kept: number;
  /** Series that were not there the last time. */
  readonly added: number;
}

/** So far ahead of the clock a sample's own time may lie, milliseconds. */
const MOST_AHEAD_MS = 600_000;
const LEGACY_METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LEGACY_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const STALE = staleMarkerColumn();
const NO_SAMPLES = { timestamps: [], values: [] };

/**
 * The series of one target over its scrapes. The text of a series is parsed, labelled and relabelled when it is first
 * seen; afterwards a line costs a look-up and its number. Series that are missing from a scrape end with a stale marker.
 */
export class TargetSeries {
  readonly #targetLabels: readonly (readonly [string, string])[];
  readonly #rules: SampleRules;
  readonly #strings: StringPool;
  readonly #lines = new Map<string, KnownLine>();
  /** By a hash of name and labels; those that share one follow each other. */
  readonly #series = new Map<number, KnownSeries>();
  readonly #comments = new Set<string>();
  readonly families = new Families();
  #size = 0;
  #scrape = 0;
  #time = 0;
  #times: readonly number[] = [];
  #batch: SeriesSamples[] = [];
  #linesSeen = 0;
  #scraped = 0;
  #kept = 0;
  #added = 0;

  constructor(targetLabels: Labels, rules: SampleRules, strings = new StringPool()) {
    this.#strings = strings;
    this.#targetLabels = Object.entries(targetLabels);
    this.#rules = rules;
  }

  /** Begins a scrape whose samples are of `time`, Unix milliseconds, where they have no time of their own. */
  begin(time: number): void {
    this.#scrape++;
    this.#time = time;
    this.#times = [time];
    this.#batch = [];
    this.#linesSeen = 0;
    this.#scraped = 0;
    this.#kept = 0;
    this.#added = 0;
  }

  /** True where a line of metadata was read before and says nothing new. */
  knowsComment(line: string): boolean {
    return this.#comments.has(line);
  }

  addComment(line: string): void {
    if (this.#comments.size > 2 * this.#size + 1000) this.#comments.clear();
    this.#comments.add(line);
  }

  line(text: string): KnownLine | undefined {
    return this.#lines.get(text);
  }

  /** Takes a series that `line` did not know. `text` and `labels` are kept. */
  addLine(text: string, sampleName: string, labels: Labels): KnownLine {
    const normal = withCanonicalBounds(sampleName, labels, this.families.of(sampleName));
    const relabelled = relabel(this.#withTargetLabels(sampleName, normal), this.#rules.metricRelabelRules);
    const series = relabelled && this.#knownSeries(relabelled, sampleName);
    const line = { series, scrape: 0, exemplar: '' };
    if (line.series) this.#added++;
    this.#lines.set(this.#strings.own(text), line);
    return line;
  }

  /** `timestamp`: the sample's own time in Unix milliseconds. Throws `ScrapeError` where a limit is exceeded. */
  append(line: KnownLine, value: number, timestamp: number | undefined, extras?: SampleExtras): void {
    this.#scraped++;
    if (line.scrape !== this.#scrape) {
      line.scrape = this.#scrape;
      this.#linesSeen++;
    }
    const { series } = line;
    if (!series) return;
    const { honorTimestamps, trackTimestampsStaleness, sampleLimit } = this.#rules;
    const own = honorTimestamps ? timestamp : undefined;
    if (own === undefined ? series.scrape === this.#scrape : own > this.#time + MOST_AHEAD_MS) return;
    if (++this.#kept > sampleLimit && sampleLimit > 0) {
      throw new ScrapeError(`more than the ${sampleLimit} samples that sample_limit allows`);
    }
    if (own === undefined || trackTimestampsStaleness) series.scrape = this.#scrape;
    if (series.epoch !== this.families.epoch) this.#findFamily(series);
    const { name, labels, memo, family } = series;
    const { type, unit, help } = family;
    const time = own ?? this.#time;
    const histogram = extras?.histogram;
    series.isHistogram = histogram !== undefined;
    const startTimestamp = extras?.startTimestamp;
    this.#batch.push({
      name,
      labels,
      type,
      unit,
      help,
      memo,
      ...(histogram === undefined
        ? { timestamps: own === undefined ? this.#times : [own], values: [value] }
        : { ...NO_SAMPLES, histograms: [{ timestamp: time, startTimestamp: startTimestamp ?? 0, histogram }] }),
      ...(histogram === undefined && startTimestamp !== undefined && { startTimestamps: [startTimestamp] }),
      ...(extras?.exemplars && { exemplars: extras.exemplars }),
    });
  }

  /** Of the samples of this scrape that have none of their own, Unix milliseconds. */
  get time(): number {
    return this.#time;
  }

  /** Ends a scrape that went well: what was there before and is not now, ends. */
  finish(): ScrapeOutcome {
    for (const series of this.#all()) {
      if (series.scrape === this.#scrape) series.present = true;
      else if (series.present) this.#end(series);
    }
    this.#forgetLines();
    return { batch: this.#batch, scraped: this.#scraped, kept: this.#kept, added: this.#added };
  }

  /** Ends a scrape that failed: nothing of it counts, all series end. What is known of them stays for the next time. */
  fail(): ScrapeOutcome {
    this.#batch = [];
    for (const series of this.#all()) if (series.present) this.#end(series);
    return { batch: this.#batch, scraped: this.#scraped, kept: this.#kept, added: this.#added };
  }

  get size(): number {
    return this.#size;
  }

  #end(series: KnownSeries): void {
    series.present = false;
    const { type, unit, help } = series.family;
    const { name, labels, memo } = series;
    this.#batch.push({
      name,
      labels,
      type,
      unit,
      help,
      memo,
      ...(series.isHistogram
        ? { ...NO_SAMPLES, histograms: [{ timestamp: this.#time, startTimestamp: 0, histogram: undefined }] }
        : { timestamps: this.#times, values: STALE }),
    });
  }

  #forgetLines(): void {
    if (this.#linesSeen === this.#lines.size) return;
    const used = new Set<KnownSeries>();
    for (const [text, line] of this.#lines) {
      if (line.scrape !== this.#scrape) this.#lines.delete(text);
      else if (line.series) used.add(line.series);
    }
    const kept = [...this.#all()].filter((series) => used.has(series));
    this.#series.clear();
    this.#size = kept.length;
    for (const series of kept) {
      series.next = this.#series.get(series.hash);
      this.#series.set(series.hash, series);
    }
    if (this.families.size > 2 * this.#size + 1000) {
      this.families.clear();
      this.#comments.clear();
    }
  }

  *#all(): Iterable<KnownSeries> {
    for (const first of this.#series.values()) {
      for (let series: KnownSeries | undefined = first; series; series = series.next) yield series;
    }
  }

  #findFamily(series: KnownSeries): void {
    series.family = this.families.of(series.sampleName);
    series.epoch = this.families.epoch;
  }

  #knownSeries({ [METRIC_NAME]: name, ...labels }: Record<string, string>, sampleName: string): KnownSeries {
    this.#check(name, labels);
    const key = labelsKey(labels);
    const hash = hashOf(name!, key);
    for (let known = this.#series.get(hash); known; known = known.next) {
      if (known.name === name && labelsKey(known.labels) === key) return known;
    }
    for (const label in labels) labels[label] = this.#strings.own(labels[label]!);
    const family = this.families.of(sampleName);
    const { epoch } = this.families;
    const series = {
      name: this.#strings.own(name!),
      labels,
      memo: { entry: undefined, limits: undefined },
      sampleName: this.#strings.own(sampleName),
      isHistogram: false,
      family,
      epoch,
      scrape: 0,
      present: false,
      hash,
      next: this.#series.get(hash),
    };
    this.#size++;
    this.#series.set(hash, series);
    return series;
  }

  #check(name: string | undefined, labels: Record<string, string>): void {
    const { labelLimit, labelNameLengthLimit, labelValueLengthLimit, nameValidation } = this.#rules;
    if (name === undefined) throw new ScrapeError('metric_relabel_configs left a sample without a name');
    const all = Object.entries({ [METRIC_NAME]: name, ...labels });
    const shown = `(metric ${name.slice(0, 50)})`;
    if (labelLimit > 0 && all.length > labelLimit) {
      throw new ScrapeError(`${all.length} labels are more than the ${labelLimit} that label_limit allows ${shown}`);
    }
    for (const [label, value] of all) {
      if (labelNameLengthLimit > 0 && Buffer.byteLength(label) > labelNameLengthLimit) {
        throw new ScrapeError(`the label name ${label.slice(0, 50)} is longer than label_name_length_limit ${shown}`);
      }
      if (labelValueLengthLimit > 0 && Buffer.byteLength(value) > labelValueLengthLimit) {
        throw new ScrapeError(`the value of ${label} is longer than label_value_length_limit ${shown}`);
      }
      if (nameValidation === 'legacy' && label !== METRIC_NAME && !LEGACY_LABEL.test(label)) {
        throw new ScrapeError(`"${label}" is no label name with metric_name_validation_scheme legacy ${shown}`);
      }
    }
    if (nameValidation === 'legacy' && !LEGACY_METRIC.test(name)) {
      throw new ScrapeError(`"${name}" is no metric name with metric_name_validation_scheme legacy`);
    }
  }

  /** The labels of the sample and of its target. Those of the sample that collide are renamed, or win if honoured. */
  #withTargetLabels(sampleName: string, labels: Labels): Record<string, string> {
    const all: Record<string, string> = { [METRIC_NAME]: sampleName, ...labels };
    const collided: [string, string][] = [];
    for (const [name, value] of this.#targetLabels) {
      if (this.#rules.honorLabels) {
        if (!Object.hasOwn(all, name)) all[name] = value;
        continue;
      }
      if (all[name]) collided.push([name, all[name]]);
      all[name] = value;
    }
    collided.sort(([a], [b]) => a.length - b.length);
    for (const [name, value] of collided) {
      let renamed = `exported_${name}`;
      while (all[renamed]) renamed = `exported_${renamed}`;
      all[renamed] = value;
    }
    return all;
  }
}

/** 32 bits, FNV-1a. */
function hashOf(name: string, key: string): number {
  let hash = 0x811c9dc5;
  for (const text of [name, key]) {
    for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash | 0;
}

/** The bounds of buckets and the quantiles in their one form, so that text and protobuf make the same series. */
function withCanonicalBounds(sampleName: string, labels: Labels, { type, name }: ExpositionFamily): Labels {
  const isBucket = (type === 'histogram' || type === 'gaugehistogram') && sampleName === `${name}_bucket`;
  const label = isBucket ? 'le' : type === 'summary' && sampleName === name ? 'quantile' : undefined;
  const bound = label === undefined ? undefined : parseNumber(labels[label] ?? '');
  return bound === undefined ? labels : { ...labels, [label!]: openMetricsFloat(bound) };
}
