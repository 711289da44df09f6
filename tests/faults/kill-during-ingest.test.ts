import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { apiOf } from '../support/api.ts';
import { faultRounds } from '../support/fault-rounds.ts';
import { startTestService } from '../support/service.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'system-service-kill-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

const ROUNDS = faultRounds(5);
const WRITERS = 4;
const BATCH = 50;

/** Sends batches until told to stop; keeps the numbers of those that were acknowledged. */
async function write(url: string, writer: string, acknowledged: Set<string>, isOver: () => boolean): Promise<void> {
  for (let batch = 0; !isOver(); batch++) {
    const ids = Array.from({ length: BATCH }, (_, index) => `${writer}-${batch}-${index}`);
    const logs = ids.map((id) => ({ message: `record ${id}`, service: 'kill-test', attributes: { id } }));
    const samples = [{ name: 'kill_test_batches', value: batch, labels: { writer } }];
    try {
      const [stored, measured] = await Promise.all([
        apiOf(url).post('/api/logs', logs),
        apiOf(url).post('/api/monitoring/metrics', samples),
      ]);
      if (stored.status === 202) for (const id of ids) acknowledged.add(id);
      if (measured.status === 202) acknowledged.add(`${writer}=${batch}`);
    } catch {
      // The connection broke with the process: this batch was not acknowledged.
    }
  }
}

/** How often each record of a round is there. */
async function storedTimes(url: string, round: number): Promise<Map<string, number>> {
  const { body } = await apiOf(url).post('/api/query', {
    language: 'sql',
    query:
      "SELECT LogAttributes['id'] AS id, count() AS times FROM otel_logs " +
      `WHERE ServiceName = 'kill-test' AND startsWith(id, 'r${round}w') GROUP BY id`,
  });
  return new Map(body.rows);
}

describe('kill -9 during ingest', () => {
  it(`loses nothing acknowledged and doubles nothing, ${ROUNDS} times`, async () => {
    const acknowledged = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      const service = await startTestService({ dataDir });
      let over = false;
      const before = acknowledged.size;
      const writers = Array.from({ length: WRITERS }, (_, index) =>
        write(service.url, `r${round}w${index}`, acknowledged, () => over),
      );
      while (acknowledged.size < before + (2 + (round % 5)) * BATCH * WRITERS)
        await new Promise((resolve) => setTimeout(resolve, 5));
      await service.kill();
      over = true;
      await Promise.all(writers);
    }
    const service = await startTestService({ dataDir });
    const records = [...acknowledged].filter((id) => !id.includes('='));
    for (let round = 0; round < ROUNDS; round++) {
      const times = await storedTimes(service.url, round);
      expect(records.filter((id) => id.startsWith(`r${round}w`) && !times.has(id))).toEqual([]);
      expect([...times].filter(([, count]) => count !== 1)).toEqual([]);
    }
    const query = 'count(count_over_time(kill_test_batches[6h]))';
    const { body } = await apiOf(service.url).get(`/api/v1/query?query=${encodeURIComponent(query)}`);
    expect(body.data.result[0].value[1]).toBe(String(ROUNDS * WRITERS));
    await service.stop();
  });
});
