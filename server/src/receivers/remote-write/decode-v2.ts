import { ProtobufError, ProtobufReader, StringCache } from '../../lib/protobuf-reader.ts';
import { ServiceError } from '../../model/errors.ts';
import type { Exemplar, MetricType } from '../../model/metric.ts';
import { ExemplarLabels } from './exemplar.ts';
import { type Identity, IdentityBuilder } from './identity.ts';
import { type Description, UNDESCRIBED } from './metadata-cache.ts';
import { SampleColumns } from './sample-columns.ts';
import { readHistogram, type WireHistogram } from './wire-histogram.ts';
import { WriteBatch } from './write-batch.ts';

/** io/prometheus/write/v2/types.proto, `Metadata.MetricType`. */
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
const MOST_SYMBOLS = 1_000_000;
const MOST_REFERENCES = 2 * 1024;

/** Reads `io.prometheus.write.v2.Request`, the message of remote write 2.0. */
export class DecoderV2 {
  readonly #strings = new StringCache();

  /** Throws `ProtobufError` where the bytes are no such message. */
  decode(bytes: Buffer): WriteBatch {
    const symbols = readSymbols(new ProtobufReader(bytes, this.#strings));
    const run: Run = { symbols, columns: new SampleColumns(), batch: new WriteBatch(), references: [] };
    const reader = new ProtobufReader(bytes, this.#strings);
    while (reader.next()) {
      if (reader.field === 5) readSeries(reader, run);
      else reader.skip();
    }
    return run.batch;
  }
}

/** One request on its way. */
interface Run {
  readonly symbols: readonly (string | undefined)[];
  readonly columns: SampleColumns;
  readonly batch: WriteBatch;
  /** Of the labels of the present series: name, value, name, value, ... */
  readonly references: number[];
}

/** The texts of the request, which all else names by their position; the first is empty, `undefined` is not UTF-8. */
function readSymbols(reader: ProtobufReader): (string | undefined)[] {
  const symbols: (string | undefined)[] = [];
  while (reader.next()) {
    if (reader.field === 4) symbols.push(reader.validString());
    else reader.skip();
    if (symbols.length > MOST_SYMBOLS) throw new ServiceError('too_large', `more than ${MOST_SYMBOLS} symbols`);
  }
  if (symbols.length > 0 && symbols[0] !== '') throw new ProtobufError('the first symbol must be empty');
  return symbols;
}

function symbolOf({ symbols }: Run, reference: number): string | undefined {
  if (reference < symbols.length) return symbols[reference];
  if (reference === 0) return '';
  throw new ProtobufError(`there is no symbol ${reference}, only ${symbols.length}`);
}

function readSeries(reader: ProtobufReader, run: Run): void {
  const { batch, columns, references } = run;
  const histograms: WireHistogram[] = [];
  const exemplars: (Exemplar | undefined)[] = [];
  let description = UNDESCRIBED;
  references.length = 0;
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) reader.uint64s(references, MOST_REFERENCES + 2);
    else if (reader.field === 2) columns.read(reader);
    else if (reader.field === 3) histograms.push(readHistogram(reader));
    else if (reader.field === 4) exemplars.push(readExemplar(reader, run));
    else if (reader.field === 5) description = readMetadata(reader, run);
    else reader.skip();
  }
  reader.leave(outer);
  batch.add(identityOf(run), description, columns, histograms, exemplars);
}

function identityOf(run: Run): Identity | undefined {
  const builder = new IdentityBuilder();
  const { references } = run;
  if (references.length % 2 !== 0) throw new ProtobufError('a label name has no value');
  if (references.length > MOST_REFERENCES) return undefined;
  const labels = references.map((reference) => symbolOf(run, reference));
  for (let index = 0; index < labels.length; index += 2) builder.add(labels[index]!, labels[index + 1]!);
  return builder.finish();
}

function readExemplar(reader: ProtobufReader, run: Run): Exemplar | undefined {
  const references: number[] = [];
  let [value, timestamp] = [0, 0];
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) reader.uint64s(references, MOST_REFERENCES + 2);
    else if (reader.field === 2) value = reader.double();
    else if (reader.field === 3) timestamp = reader.int64();
    else reader.skip();
  }
  reader.leave(outer);
  if (references.length % 2 !== 0) throw new ProtobufError('a label name has no value');
  const labels = new ExemplarLabels();
  for (let index = 0; index < references.length; index += 2) {
    labels.add(symbolOf(run, references[index]!), symbolOf(run, references[index + 1]!));
  }
  return labels.finish(value, timestamp);
}

function readMetadata(reader: ProtobufReader, run: Run): Description {
  let [type, help, unit] = [0, 0, 0];
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) type = reader.int32();
    else if (reader.field === 3) help = reader.int32() >>> 0;
    else if (reader.field === 4) unit = reader.int32() >>> 0;
    else reader.skip();
  }
  reader.leave(outer);
  return { type: TYPES[type] ?? 'unknown', help: symbolOf(run, help) ?? '', unit: symbolOf(run, unit) ?? '' };
}
