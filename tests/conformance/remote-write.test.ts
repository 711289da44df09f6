import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bucketsOf } from '../../server/src/lib/native-histogram/buckets.ts';
import type { SeriesSamples } from '../../server/src/model/metric.ts';
import { createIngestServer } from '../support/ingest-server.ts';
import { ProtoSchema } from '../support/proto-schema.ts';
import { snappyBlock } from '../support/snappy-block.ts';

/** Requests of remote write 1.0 in JSON, encoded by Prometheus' own .proto files, and the samples that are in them. */
const suites = process.env.CONFORMANCE_DIR;
if (!suites) {
  if (process.env.CI === 'true') throw new Error('CONFORMANCE_DIR must be set with CI=true');
  process.stderr.write('SKIPPED: remote write requests: CONFORMANCE_DIR is not set\n');
}

const folder = path.join(suites ?? '', 'remote-write', 'telegraf-json');
const cases = suites ? readdirSync(folder).sort() : [];
const protos = path.join(suites ?? '', 'protos', 'prometheus', 'prompb');
const schema = suites
  ? ProtoSchema.ofFiles([path.join(protos, 'types.proto'), path.join(protos, 'remote.proto')])
  : undefined;
const tally = { run: 0, passed: 0 };

interface Expected {
  readonly labels: Readonly<Record<string, string>>;
  readonly name: string;
  readonly value: number;
  readonly time: number;
}

/** `measurement,label=value,... name=value nanoseconds`; a native histogram's buckets have a label `<name>_le`. */
function readExpected(text: string): Expected[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [tags = '', field = '', time] = line.split(/(?<!\\) /);
      const pairs = tags
        .split(/(?<!\\),/)
        .slice(1)
        .map((pair) => pair.replaceAll('\\', '').split('=') as [string, string]);
      const labels = Object.fromEntries(pairs);
      const [name = '', value] = field.split('=');
      const le = labels[`${name}_le`];
      if (le === undefined) return { labels, name, value: Number(value), time: Number(time) / 1e6 };
      delete labels[`${name}_le`];
      return { labels: { ...labels, le }, name: `${name}_bucket`, value: Number(value), time: Number(time) / 1e6 };
    });
}

function samplesOf({ name, labels, timestamps, values }: SeriesSamples): Expected[] {
  return Array.from(timestamps, (time, index) => ({ name, labels, time, value: values[index]! }));
}

/** Native histograms as that reader tells them: sum, count and how many observations are at most so large. */
function bucketsOfAll({ name, labels, histograms = [] }: SeriesSamples): Expected[] {
  return histograms.flatMap(({ timestamp: time, histogram }) => {
    let value = 0;
    const buckets = bucketsOf(histogram!).map(({ upper, count }) => {
      value += count;
      return { name: `${name}_bucket`, labels: { ...labels, le: String(upper) }, time, value };
    });
    const { sum, count } = histogram!;
    return [
      ...buckets,
      { name: `${name}_sum`, labels, time, value: sum },
      { name: `${name}_count`, labels, time, value: count },
    ];
  });
}

describe.skipIf(!suites)('remote-write', () => {
  afterAll(() => {
    process.stdout.write(`remote-write: ${tally.passed} passed, ${tally.run - tally.passed} failed, 0 skipped\n`);
  });

  it.for(cases)('%s', async (name) => {
    tally.run++;
    const server = await createIngestServer();
    const request = JSON.parse(readFileSync(path.join(folder, name, 'input.json'), 'utf8')) as Record<string, unknown>;
    const answer = await server.app.inject({
      method: 'POST',
      url: '/api/v1/write',
      headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
      payload: snappyBlock(schema!.encode('WriteRequest', request)),
    });
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    const stored = server.stored.samples.flatMap((series) => [...samplesOf(series), ...bucketsOfAll(series)]);
    const expected = readExpected(readFileSync(path.join(folder, name, 'expected_v2.out'), 'utf8'));
    // What that reader is configured to add is no part of the request.
    for (const { labels } of expected) delete (labels as Record<string, string>).defaultTag;
    expect(expected.length).toBeGreaterThan(0);
    expect(stored).toEqual(expect.arrayContaining(expected));
    await server.app.close();
    tally.passed++;
  });
});
