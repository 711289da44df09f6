import type { ProtobufReader } from '../../../lib/protobuf-reader.ts';
import { type OtlpExemplar, toMilliseconds } from '../metrics/otlp-metric.ts';
import { readKeyValue } from './common.ts';

/** Reads an `Exemplar` of a point that has `known` so far; gives the list with it. */
export function readExemplar(reader: ProtobufReader, known: OtlpExemplar[] | undefined): OtlpExemplar[] {
  const exemplar: OtlpExemplar = { attributes: {}, time: 0, value: undefined, traceId: '', spanId: '' };
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 7) readKeyValue(reader, exemplar.attributes);
    else if (reader.field === 2) exemplar.time = toMilliseconds(reader.fixed64());
    else if (reader.field === 3) exemplar.value = reader.double();
    else if (reader.field === 6) exemplar.value = reader.sfixed64Number();
    else if (reader.field === 4) exemplar.spanId = reader.hex();
    else if (reader.field === 5) exemplar.traceId = reader.hex();
    else reader.skip();
  }
  reader.leave(outer);
  const exemplars = known ?? [];
  if (exemplars.length < MOST_EXEMPLARS) exemplars.push(exemplar);
  return exemplars;
}

/** Of a point; more say no more. */
const MOST_EXEMPLARS = 200;
