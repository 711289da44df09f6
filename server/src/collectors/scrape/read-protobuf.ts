import { openMetricsFloat } from '../../lib/open-metrics-float.ts';
import { ProtobufError, ProtobufReader, StringCache } from '../../lib/protobuf-reader.ts';
import type { Labels } from '../../model/labels.ts';
import type { Exemplar, MetricType } from '../../model/metric.ts';
import { readExemplar, readHistogram, readLabel, readTimestamp } from './protobuf-histogram.ts';
import type { ScrapeJob } from './scrape-job.ts';
import type { SampleExtras, TargetSeries } from './target-series.ts';

/** io.prometheus.client.MetricType */
const TYPES: readonly MetricType[] = ['counter', 'gauge', 'summary', 'unknown', 'histogram', 'gaugehistogram'];

type HistogramChoice = Pick<ScrapeJob, 'nativeHistograms' | 'classicHistograms'>;

/**
 * Puts the samples of an answer in protobuf (io.prometheus.client.MetricFamily, each with its length before it) into the
 * series of its target, by the same names as in text. Native histograms are read where the job wants them; their
 * buckets of the classic kind then only where it wants these too. Throws `ProtobufError` or `ScrapeError`.
 * https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto
 */
export function readProtobuf(body: Buffer, choice: HistogramChoice, into: TargetSeries): void {
  const strings = new StringCache();
  for (let at = 0; at < body.length; ) {
    const { length, start } = readLength(body, at);
    at = start + length;
    if (at > body.length) throw new ProtobufError(`a metric family ends too early (byte ${body.length})`);
    new FamilyReader(new ProtobufReader(body.subarray(start, at), strings), choice, into).read();
  }
}

function readLength(body: Buffer, at: number): { length: number; start: number } {
  let length = 0;
  for (let index = 0; index < 5; index++) {
    const byte = body[at + index];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { length, start: at + index + 1 };
  }
  throw new ProtobufError(`the length of a metric family cannot be read (byte ${at})`);
}

/** One metric: its labels, and where its value stands. */
interface Metric {
  readonly labels: Record<string, string>;
  /** All labels as one text: what the metric is known by. */
  key: string;
  timestamp: number | undefined;
  readonly samples: Sample[];
}

interface Sample {
  readonly suffix: string;
  readonly value: number;
  /** `le` or `quantile`, where the sample has one. */
  readonly bound?: readonly [label: string, value: number];
  readonly extras?: SampleExtras;
}

class FamilyReader {
  readonly #reader: ProtobufReader;
  readonly #choice: HistogramChoice;
  readonly #into: TargetSeries;
  #name = '';
  #type: MetricType = 'counter';

  constructor(reader: ProtobufReader, choice: HistogramChoice, into: TargetSeries) {
    this.#reader = reader;
    this.#choice = choice;
    this.#into = into;
  }

  read(): void {
    const reader = this.#reader;
    const start = reader.position;
    this.#readDescription();
    reader.rewind(start);
    while (reader.next()) {
      if (reader.field === 4) this.#readMetric();
      else reader.skip();
    }
  }

  /** First: the unit may stand behind the metrics. */
  #readDescription(): void {
    const reader = this.#reader;
    let help = '';
    let unit = '';
    while (reader.next()) {
      if (reader.field === 1) this.#name = reader.string();
      else if (reader.field === 2) help = reader.string();
      else if (reader.field === 3) this.#type = TYPES[reader.int32()] ?? 'unknown';
      else if (reader.field === 5) unit = reader.string();
      else reader.skip();
    }
    if (this.#name === '') throw new ProtobufError('a metric family has no name');
    const { families } = this.#into;
    families.describe(this.#name, 'type', this.#type);
    families.describe(this.#name, 'help', help);
    families.describe(this.#name, 'unit', unit);
  }

  #readMetric(): void {
    const metric: Metric = { labels: {}, key: this.#name, timestamp: undefined, samples: [] };
    const outer = this.#reader.enter();
    while (this.#reader.next()) this.#readField(metric);
    this.#reader.leave(outer);
    for (const sample of metric.samples) this.#append(metric, sample);
  }

  #readField(metric: Metric): void {
    const reader = this.#reader;
    switch (reader.field) {
      case 1:
        this.#readLabel(metric);
        break;
      case 2:
      case 5:
        metric.samples.push({ suffix: '', value: this.#readValue().value });
        break;
      case 3:
        metric.samples.push({ suffix: '', ...this.#readValue() });
        break;
      case 4:
        this.#readSummary(metric);
        break;
      case 6:
        // 0 is what the field is where it was not set.
        metric.timestamp = reader.int64() || undefined;
        break;
      case 7:
        this.#readHistogram(metric);
        break;
      default:
        reader.skip();
    }
  }

  #readLabel(metric: Metric): void {
    const [name, value] = readLabel(this.#reader);
    if (name === '' || name === '__name__' || name === '__proto__') {
      throw new ProtobufError(`"${name}" is no label name`);
    }
    if (Object.hasOwn(metric.labels, name)) throw new ProtobufError(`the label ${name} is there twice`);
    metric.labels[name] = value;
    metric.key += `\u0001${name}\u0002${value}`;
  }

  /** Gauge, Untyped and Counter: the value is field 1; exemplar and start are the counter's. */
  #readValue(): { value: number; extras: SampleExtras } {
    const reader = this.#reader;
    let value = 0;
    let exemplar: Exemplar | undefined;
    let startTimestamp: number | undefined;
    const outer = reader.enter();
    while (reader.next()) {
      if (reader.field === 1) value = reader.double();
      else if (reader.field === 2) exemplar = readExemplar(reader, this.#into.time);
      else if (reader.field === 3) startTimestamp = readTimestamp(reader);
      else reader.skip();
    }
    reader.leave(outer);
    return { value, extras: { startTimestamp, exemplars: exemplar && [exemplar] } };
  }

  #readSummary(metric: Metric): void {
    const reader = this.#reader;
    let count = 0;
    let sum = 0;
    let startTimestamp: number | undefined;
    const quantiles: Sample[] = [];
    const outer = reader.enter();
    while (reader.next()) {
      if (reader.field === 1) count = reader.uint64();
      else if (reader.field === 2) sum = reader.double();
      else if (reader.field === 3) quantiles.push(readQuantile(reader));
      else if (reader.field === 4) startTimestamp = readTimestamp(reader);
      else reader.skip();
    }
    reader.leave(outer);
    const extras = { startTimestamp };
    metric.samples.push(
      { suffix: '_count', value: count, extras },
      { suffix: '_sum', value: sum, extras },
      ...quantiles,
    );
  }

  #readHistogram(metric: Metric): void {
    const { classic, native, count, sum, startTimestamp, exemplars } = readHistogram(
      this.#reader,
      this.#type === 'gaugehistogram',
      this.#into.time,
    );
    const isNative = native !== undefined && this.#choice.nativeHistograms;
    if (isNative) {
      metric.samples.push({ suffix: '', value: 0, extras: { histogram: native, startTimestamp, exemplars } });
    }
    if (isNative && !(this.#choice.classicHistograms && classic.length > 0)) return;
    const extras = { startTimestamp };
    metric.samples.push({ suffix: '_count', value: count, extras }, { suffix: '_sum', value: sum, extras });
    for (const { bound, value, exemplar } of classic) {
      const own = exemplar ? { startTimestamp, exemplars: [exemplar] } : extras;
      metric.samples.push({ suffix: '_bucket', value, bound: ['le', bound], extras: own });
    }
    if (classic.at(-1)?.bound !== Number.POSITIVE_INFINITY) {
      metric.samples.push({ suffix: '_bucket', value: count, bound: ['le', Number.POSITIVE_INFINITY], extras });
    }
  }

  #append({ labels, key, timestamp }: Metric, { suffix, value, bound, extras }: Sample): void {
    const text = `${key}\u0003${suffix}${bound ? `\u0003${bound[1]}` : ''}`;
    let line = this.#into.line(text);
    if (!line) {
      const all: Labels = bound ? { ...labels, [bound[0]]: openMetricsFloat(bound[1]) } : labels;
      line = this.#into.addLine(text, this.#name + suffix, all);
    }
    this.#into.append(line, value, timestamp, extras && this.#onlyNewExemplars(line, extras));
  }

  /** An exemplar is stored once, not with every scrape that shows it again. */
  #onlyNewExemplars(line: { exemplar: string }, extras: SampleExtras): SampleExtras {
    if (!extras.exemplars) return extras;
    const newest = JSON.stringify(extras.exemplars);
    if (line.exemplar === newest) return { ...extras, exemplars: undefined };
    line.exemplar = newest;
    return extras;
  }
}

function readQuantile(reader: ProtobufReader): Sample {
  let quantile = 0;
  let value = 0;
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) quantile = reader.double();
    else if (reader.field === 2) value = reader.double();
    else reader.skip();
  }
  reader.leave(outer);
  return { suffix: '', value, bound: ['quantile', quantile] };
}
