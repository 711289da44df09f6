import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiOf } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { runCommand } from '../support/run-command.ts';
import { sendTrace } from '../support/sample-signals.ts';
import { startTestService, type TestService } from '../support/service.ts';

const folder = mkdtempSync(join(tmpdir(), 'storage-'));
const dataDir = join(folder, 'data');
let service: TestService;

const run = (command: string, words: readonly string[], env: Record<string, string> = {}) =>
  runCommand(command, words, { DATA_DIR: dataDir, ...env });

const start = (env: Record<string, string> = {}) => {
  return startTestService({ dataDir, env });
};
const api = () => apiOf(service.url);

async function counts(url: string): Promise<number[]> {
  const query = `SELECT (SELECT count() FROM otel_logs), (SELECT count() FROM otel_traces), (SELECT sum(Count) FROM span_metrics),
    (SELECT count() FROM metric_samples FINAL WHERE metric = 'orders_open')`;
  const { body } = await apiOf(url).post('/api/query', { language: 'sql', query });
  expect(body.rows).toHaveLength(1);
  return body.rows[0];
}

beforeAll(async () => {
  mkdirSync(dataDir, { recursive: true });
  service = await start();
  await api().post(
    '/api/logs',
    Array.from({ length: 500 }, (_, index) => ({ service: 'gateway', message: `line ${index}` })),
  );
  await sendTrace(api(), [{ name: 'GET /', service: 'gateway', startMs: 0, durationMs: 20 }]);
  await api().post('/api/monitoring/metrics', { name: 'orders_open', value: 7, labels: { service: 'orders' } });
  await api().post('/api/alerts', { name: 'Too many', metric: 'orders_open', threshold: 100 });
});

afterAll(async () => {
  await service?.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('GET /api/monitoring/storage', () => {
  it('says what is where', async () => {
    const { status, body } = await api().get('/api/monitoring/storage');
    expect(status).toBe(200);
    expect(body).toMatchObject({ engine: 'embedded', budget: null });
    expect(body.disk.free_bytes).toBeGreaterThan(0);
    expect(body.signals.map((each: { signal: string }) => each.signal)).toEqual([
      'logs',
      'traces',
      'metrics',
      'rollups',
    ]);
    expect(body.signals[0]).toMatchObject({ retention_seconds: 14 * 86_400, retention_source: 'configuration' });
  });
});

describe('PUT /api/monitoring/storage/retention', () => {
  const old = (days: number) => ({
    service: 'gateway',
    message: 'old',
    timestamp: new Date(Date.now() - days * 86_400_000).toISOString(),
  });

  it('changes what is taken and kept, at once and over a restart', async () => {
    expect((await api().post('/api/logs', old(5))).status).toBe(202);
    const { status, body } = await api().put('/api/monitoring/storage/retention', { logs: '3d' });
    expect(status).toBe(200);
    expect(body.signals[0]).toEqual({ signal: 'logs', retention_seconds: 3 * 86_400, retention_source: 'api' });
    const { body: rest } = await api().get('/api/logs/search?q=old&start=now-13d');
    expect(rest.items).toEqual([]);
    expect((await api().post('/api/logs', old(5))).status).toBe(422);
    expect((await api().post('/api/logs', old(2))).status).toBe(202);
    await service.stop();
    service = await start();
    const { body: after } = await api().get('/api/monitoring/storage');
    expect(after.signals[0]).toMatchObject({ retention_seconds: 3 * 86_400, retention_source: 'api' });
    expect((await api().post('/api/logs', old(5))).status).toBe(422);
  });

  it('refuses what makes no sense, naming it', async () => {
    const refused = await api().put('/api/monitoring/storage/retention', { logs: '5m', spans: '1d' });
    expect(refused.status).toBe(422);
    expect(refused.body.errors.map(({ path }: { path: string }) => path).sort()).toEqual(['logs', 'spans']);
    expect((await api().put('/api/monitoring/storage/retention', {})).status).toBe(422);
  });

  it('of rollups too, which are never kept shorter than the samples', async () => {
    const rollups = async (change: object) =>
      (await api().put('/api/monitoring/storage/retention', change)).body.signals.at(-1);
    expect(await rollups({ rollups: '2y' })).toEqual({
      signal: 'rollups',
      retention_seconds: 2 * 365 * 86_400,
      retention_source: 'api',
    });
    expect(await rollups({ rollups: '1d' })).toMatchObject({ retention_seconds: 30 * 86_400 });
    expect(await rollups({ rollups: null })).toMatchObject({
      retention_seconds: 365 * 86_400,
      retention_source: 'configuration',
    });
  });

  it('goes back to the settings', async () => {
    const { body } = await api().put('/api/monitoring/storage/retention', { logs: null });
    expect(body.signals[0]).toMatchObject({ retention_seconds: 14 * 86_400, retention_source: 'configuration' });
    expect((await api().post('/api/logs', old(5))).status).toBe(202);
  });
});

describe('backup and restore', () => {
  const backup = join(folder, 'backup');
  /** The log records acknowledged and not past their retention: of the tests above, then of the writer below too. */
  let acknowledgedLogs = 502;

  it('copies all that was acknowledged, while the service runs and takes more in', async () => {
    // What was taken last can be asked for with SQL a second later.
    await eventually(async () => expect((await counts(service.url))[0]).toBe(acknowledgedLogs));
    let over = false;
    const writing = (async () => {
      while (!over) {
        const { status } = await api().post('/api/logs', { service: 'writer', message: 'meanwhile' });
        if (status === 202) acknowledgedLogs++;
      }
    })();
    const { code, output } = await run('backup', [backup, '--url', service.url]);
    over = true;
    await writing;
    expect(output).toContain(`the backup is in ${backup}`);
    expect(code).toBe(0);
    expect(readdirSync(backup).sort()).toEqual(['backup.json', 'control.db', 'telemetry']);
    expect(readdirSync(join(dataDir, 'backups'))).toEqual([]);
    const second = await run('backup', [backup, '--url', service.url]);
    expect(second).toMatchObject({ code: 2, output: expect.stringContaining('is not empty') });
  });

  it('of a stopped service needs no service', async () => {
    await service.stop();
    const { code, output } = await run('backup', [join(folder, 'offline')]);
    expect(output).toContain('the backup is in');
    expect(code).toBe(0);
  });

  it('is refused where data are', async () => {
    expect(await run('restore', [backup])).toMatchObject({
      code: 2,
      output: expect.stringContaining('holds data already'),
    });
    expect(await run('restore', [folder])).toMatchObject({ code: 2, output: expect.stringContaining('is no backup') });
    expect(await run('restore', [])).toMatchObject({ code: 2, output: expect.stringContaining('Usage') });
  });

  it.each(['offline', 'backup'])('restores: %s', async (name) => {
    const target = join(folder, `restored-${name}`);
    mkdirSync(target);
    const { code, output } = await run('restore', [join(folder, name)], { DATA_DIR: target });
    expect(output).toMatch(/otel_logs +\d+ rows/);
    expect(code).toBe(0);
    const restored = await startTestService({ dataDir: target });
    const found = await counts(restored.url);
    if (name === 'offline') expect(found[0]).toBe(acknowledgedLogs);
    expect(found[0]).toBeGreaterThanOrEqual(502);
    expect(found.slice(1)).toEqual([1, 1, 1]);
    const { body } = await apiOf(restored.url).get('/api/alerts');
    expect(body.items).toMatchObject([{ name: 'Too many' }]);
    // It lives on.
    expect((await apiOf(restored.url).post('/api/logs', { service: 'gateway', message: 'new' })).status).toBe(202);
    await restored.stop();
  });

  it('is refused where it is damaged, and leaves nothing behind', async () => {
    const damaged = join(folder, 'damaged');
    cpSync(backup, damaged, { recursive: true });
    const control = readFileSync(join(damaged, 'control.db'));
    writeFileSync(join(damaged, 'control.db'), control.fill('X', 5000, 5008));
    const target = join(folder, 'restored-damaged');
    mkdirSync(target);
    const { code, output } = await run('restore', [damaged], { DATA_DIR: target });
    expect([code, output]).toEqual([2, expect.stringContaining('control.db is damaged')]);
    expect(readdirSync(target)).not.toContain('control.db');
    rmSync(join(damaged, 'control.db'));
    expect((await run('restore', [damaged], { DATA_DIR: target })).output).toContain('control.db is missing');
  });

  it('of a service with keys makes itself one, for that time only', async () => {
    service = await start({ API_KEYS: 'ann:read:0123456789abcdef' });
    const { code, output } = await run('backup', [join(folder, 'keyed'), '--url', service.url]);
    expect(output).toContain('the backup is in');
    expect(code).toBe(0);
    expect(existsSync(join(folder, 'keyed/backup.json'))).toBe(true);
    const { output: keys } = await run('keys', ['list']);
    expect(keys).not.toContain('backup');
    expect(JSON.parse(readFileSync(join(folder, 'keyed/backup.json'), 'utf8'))).toMatchObject({
      format: 1,
      telemetry: 'included',
    });
  });
});
