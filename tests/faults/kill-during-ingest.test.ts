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
      while (acknowledged.size < before + (2 + round) * BATCH * WRITERS)
        await new Promise((resolve) => setTimeout(resolve, 5));
      await service.kill();
      over = true;
      await Promise.all(writers);
    }
    const service = await startTestService({ dataDir });
    const { body } = await apiOf(service.url).post('/api/query', {
      language: 'sql',
      query:
        "SELECT LogAttributes['id'] AS id, count() AS times FROM otel_logs WHERE ServiceName = 'kill-test' GROUP BY id",
    });
    const times = new Map<string, number>(body.rows);
    const records = [...acknowledged].filter((id) => !id.includes('='));
    expect(records.filter((id) => !times.has(id))).toEqual([]);
    expect([...times].filter(([, count]) => count !== 1)).toEqual([]);
    const { body: newest } = await apiOf(service.url).get('/api/monitoring/metrics/kill_test_batches');
    expect(newest.series.length).toBe(ROUNDS * WRITERS);
    await service.stop();
  });
});
