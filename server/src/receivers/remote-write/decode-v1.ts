import { ProtobufReader, StringCache } from '../../lib/protobuf-reader.ts';
import type { Exemplar, MetricType } from '../../model/metric.ts';
import { ExemplarLabels } from './exemplar.ts';
import { type Identity, IdentityBuilder } from './identity.ts';
import { IdentityCache, type KnownSeries, type LabelBytes, newSeries } from './identity-cache.ts';
import { MetadataCache } from './metadata-cache.ts';
import { PlainSamples } from './plain-samples.ts';
import { SampleColumns } from './sample-columns.ts';
import { readHistogram, type WireHistogram } from './wire-histogram.ts';
import { WriteBatch } from './write-batch.ts';

/** prometheus/prompb/types.proto, `MetricMetadata.MetricType`. */
const TYPES: readonly MetricType[] = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
];

/** Reads `prometheus.WriteRequest`, the message of remote write 1.0; remembers series and metadata. */
export class DecoderV1 {
  readonly #strings = new StringCache();
  readonly #known = new IdentityCache();
  readonly #plain = new PlainSamples(this.#known);
  readonly #metadata = new MetadataCache();

  /** Throws `ProtobufError` where the bytes are no such message. */
  decode(bytes: Buffer): WriteBatch {
    const reader = new ProtobufReader(bytes, this.#strings);
    const source = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
    const batch = new WriteBatch();
    const columns = new SampleColumns();
    this.#plain.begin();
    for (;;) {
      reader.rewind(this.#plain.readAll(source, reader.position));
      if (!reader.next()) break;
      if (reader.field === 1) this.#readSeries(reader, source, columns, batch);
      else if (reader.field === 3) this.#readMetadata(reader);
      else reader.skip();
    }
    this.#drain(batch);
    return batch;
  }

  #readSeries(reader: ProtobufReader, source: LabelBytes, columns: SampleColumns, batch: WriteBatch): void {
    const outer = reader.enter();
    this.#readParts(reader, source, columns, batch);
    reader.leave(outer);
  }

  #drain(batch: WriteBatch): void {
    this.#plain.drain((series, samples) => batch.addSamples(series, this.#describe(series), samples));
  }

  #readParts(reader: ProtobufReader, source: LabelBytes, columns: SampleColumns, batch: WriteBatch): void {
    const histograms: WireHistogram[] = [];
    const exemplars: (Exemplar | undefined)[] = [];
    const start = reader.position;
    let end = start;
    let together = true;
    while (reader.next()) {
      if (reader.field === 1) {
        if (columns.length + histograms.length + exemplars.length > 0) together = false;
        reader.skip();
        end = reader.position;
      } else if (reader.field === 2) columns.read(reader);
      else if (reader.field === 3) exemplars.push(readExemplar(reader));
      else if (reader.field === 4) histograms.push(readHistogram(reader));
      else reader.skip();
    }
    const series = together ? this.#seriesOf(reader, source, start, end) : this.#read(reader, start, end);
    // What came before stays before: of two samples with one timestamp the later one counts.
    if (!series || !this.#plain.passes(series)) this.#drain(batch);
    batch.add(series, series ? this.#describe(series) : this.#metadata.get(''), columns, histograms, exemplars);
  }

  #seriesOf(reader: ProtobufReader, source: LabelBytes, start: number, end: number): KnownSeries | undefined {
    const known = this.#known.get(source, start, end);
    if (known) return known;
    const series = this.#read(reader, start, end);
    if (series) this.#known.set(source, start, end, series);
    return series;
  }

  #read(reader: ProtobufReader, start: number, end: number): KnownSeries | undefined {
    reader.rewind(start);
    const identity = readIdentity(reader, end);
    return identity && newSeries(identity, this.#metadata.get(identity.name), this.#metadata.generation);
  }

  #describe(series: KnownSeries) {
    if (series.generation !== this.#metadata.generation) {
      series.description = this.#metadata.get(series.name);
      series.generation = this.#metadata.generation;
    }
    return series.description;
  }

  #readMetadata(reader: ProtobufReader): void {
    let [type, family, help, unit] = [0, '', '', ''];
    const outer = reader.enter();
    while (reader.next()) {
      if (reader.field === 1) type = reader.int32();
      else if (reader.field === 2) family = reader.string();
      else if (reader.field === 4) help = reader.string();
      else if (reader.field === 5) unit = reader.string();
      else reader.skip();
    }
    reader.leave(outer);
    if (family.length <= MOST_TEXT && help.length <= MOST_TEXT && unit.length <= MOST_TEXT) {
      this.#metadata.set(family, { type: TYPES[type] ?? 'unknown', help, unit });
    }
  }
}

const MOST_TEXT = 4096;

/** The labels among the fields up to `end`. */
function readIdentity(reader: ProtobufReader, end: number): Identity | undefined {
  const builder = new IdentityBuilder();
  while (reader.position < end && reader.next()) {
    if (reader.field === 1) readLabel(reader, builder);
    else reader.skip();
  }
  return builder.finish();
}

function readLabel(
  reader: ProtobufReader,
  into: { add(name: string | undefined, value: string | undefined): void },
): void {
  let name: string | undefined = '';
  let value: string | undefined = '';
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) name = reader.validString();
    else if (reader.field === 2) value = reader.validString();
    else reader.skip();
  }
  reader.leave(outer);
  into.add(name, value);
}

function readExemplar(reader: ProtobufReader): Exemplar | undefined {
  const labels = new ExemplarLabels();
  let [value, timestamp] = [0, 0];
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) readLabel(reader, labels);
    else if (reader.field === 2) value = reader.double();
    else if (reader.field === 3) timestamp = reader.int64();
    else reader.skip();
  }
  reader.leave(outer);
  return labels.finish(value, timestamp);
}
