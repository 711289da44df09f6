import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AlertingBench } from '../../../../tests/support/alerting-bench.ts';
import { controlBackends } from '../../../../tests/support/control-stores.ts';
import { type LogWords, logOf } from '../../../../tests/support/log-builder.ts';
import { type SpanWords, spanOf } from '../../../../tests/support/span-builder.ts';
import { openTestTelemetryStore } from '../../../../tests/support/telemetry-store.ts';
import type { Labels } from '../../model/labels.ts';
import { ClickHouseLogStore, ClickHouseRedStore, type TelemetryStore } from '../../stores/telemetry/index.ts';
import type { AlertForm } from '../rules/alert-rule.ts';
import { atTime } from './sql/at-time.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const [backend] = controlBackends();

let store: TelemetryStore;
let bench: AlertingBench;
/** Every test has a day of its own. */
let day = Date.parse('2026-03-02T10:00:00Z');

beforeAll(async () => {
  store = await openTestTelemetryStore();
});
afterAll(() => store?.close());
beforeEach(async () => {
  day += 24 * HOUR;
  bench = await AlertingBench.create(backend!, {
    time: day,
    source: { select: (matchers, range, options) => store.metrics.select(matchers, range, options) },
    sources: {
      logs: new ClickHouseLogStore(store.clickHouse),
      red: new ClickHouseRedStore(store.clickHouse),
      sql: store.clickHouse,
    },
  });
});
afterEach(() => bench.drop());

const now = () => bench.clock.now();
const log = (...records: Omit<LogWords, 'at'>[]) => store.writeLogs(records.map((one) => logOf({ at: now(), ...one })));
const spans = (count: number, words: Omit<SpanWords, 'at'>) =>
  store.writeSpans(Array.from({ length: count }, () => spanOf({ at: now() - 500, ...words })));
const sample = (name: string, labels: Labels, value = 1) =>
  store.metrics.writeSamples([
    { name, labels, type: 'gauge', unit: '', help: '', timestamps: [now()], values: [value] },
  ]);
const newestValue = (id: string) => [...bench.alerting.get(id).instances.values()][0]?.state.value;

async function issuesOf(fields: Partial<AlertForm>): Promise<string> {
  const error = await bench.create(fields).catch((caught: unknown) => caught);
  return error instanceof Error ? error.message : 'was taken';
}

async function preview(fields: Partial<AlertForm>, hours = 1) {
  const range = { start: day, end: day + hours * HOUR };
  const tested = await bench.alerting.preview(bench.form(fields), range, 'UTC', AbortSignal.timeout(30_000));
  return tested.episodes.map(({ labels, startedAt, endedAt, peak }) => [
    labels,
    (startedAt - day) / MINUTE,
    endedAt === null ? null : (endedAt - day) / MINUTE,
    peak,
  ]);
}

describe('a log search', () => {
  const form = { name: 'Errors', queryLanguage: 'logs', query: 'level:error timeout', threshold: 2 } as const;
  const bad = { severityNumber: 17, severityText: 'ERROR', body: 'timeout of the database' };

  it('counts in a window, by fields, and falls to zero', async () => {
    const all = await bench.create(form);
    const grouped = await bench.create({ ...form, name: 'By service', groupBy: ['service', 'region'] });
    expect(bench.alerting.get(all).health).toBe('ok');
    await log(bad, bad, { ...bad, service: 'billing', attributes: { region: 'eu' } }, { body: 'timeout' });
    await bench.pass(10, 10);
    expect([bench.states(all), newestValue(all), bench.states(grouped)]).toEqual([['firing'], 3, []]);
    await log(...[1, 2, 3].map(() => ({ ...bad, service: 'billing', attributes: { region: 'eu' } })));
    await bench.pass(10, 10);
    expect(bench.states(grouped)).toEqual(['billing,eu firing']);
    await bench.pass(300, 10);
    expect([bench.states(all), bench.states(grouped)]).toEqual([[], []]);
    expect(await preview({ ...form, groupBy: ['service'], intervalMs: MINUTE })).toEqual([
      [{ service: 'billing' }, 1, 6, 4],
    ]);
  });

  it('is refused where it cannot be read, or compares with nothing', async () => {
    expect(await issuesOf({ ...form, query: 'level:' })).toMatch(/^query: position/);
    expect(await issuesOf({ ...form, threshold: null })).toMatch(/^threshold: /);
    expect(await issuesOf({ ...form, red: RED })).toMatch(/^query: has no meaning/);
  });
});

const RED = { service: null, operation: null, environment: null, figure: 'error_percent', minRequests: 1 } as const;

describe('RED', () => {
  it('watches errors, latencies and rates of services and operations', async () => {
    const red = (name: string, more: Partial<AlertForm['red'] & object>, threshold: number, rest = {}) =>
      bench.create({ name, queryLanguage: 'trace', red: { ...RED, ...more }, threshold, windowMs: MINUTE, ...rest });
    const errors = await red('Errors', {}, 20);
    const busy = await red('Errors of many', { minRequests: 50 }, 20);
    const slow = await red('Slow', { service: 'shop', figure: 'p95', operation: 'GET /slow' }, 500);
    const each = await red('Each', { service: 'shop', figure: 'rate' }, 0.1, { groupBy: ['operation'] });
    const quiet = await red('Quiet', { service: 'shop', figure: 'rate' }, 0.1, { operator: '<' });
    expect(bench.states(errors)).toEqual([]);
    expect(bench.alerting.get(errors).health).toBe('no_data');
    expect(bench.states(quiet)).toEqual(['shop firing']);
    await bench.pass(10, 10);
    await spans(8, { name: 'GET /slow', ms: 900 });
    await spans(4, { name: 'GET /', status: 'Error' });
    await spans(10, { service: 'billing' });
    await bench.pass(10, 10);
    expect(bench.states(errors)).toEqual(['shop firing']);
    expect(newestValue(errors)).toBeCloseTo(33.3, 1);
    expect(bench.states(busy)).toEqual([]);
    expect(bench.states(slow)).toEqual(['shop,GET /slow firing']);
    expect(bench.states(each)).toEqual(['GET /slow firing']);
    expect(bench.states(quiet)).toEqual([]);
    await bench.pass(120, 10);
    // A rate without requests is zero; a share of nothing is not known.
    expect([bench.states(each), bench.states(errors)]).toEqual([[], ['shop firing']]);
    expect(await preview({ red: { ...RED }, queryLanguage: 'trace', threshold: 20, windowMs: MINUTE })).toEqual([
      [{ service: 'shop' }, 1, null, expect.closeTo(33.3, 1)],
    ]);
    // A history shorter than the window is looked at once, at its end, as the rule does now.
    expect(await preview({ red: { ...RED }, queryLanguage: 'trace', threshold: 20, windowMs: 2 * HOUR })).toEqual([
      [{ service: 'shop' }, 60, null, expect.closeTo(33.3, 1)],
    ]);
    const operation = { ...RED, service: 'shop', operation: 'GET /' };
    const one = { queryLanguage: 'trace', threshold: 50, windowMs: MINUTE } as const;
    expect(await preview({ ...one, red: operation })).toEqual([
      [{ service: 'shop', operation: 'GET /' }, 1, null, 100],
    ]);
    const slowest = { ...RED, service: 'shop', figure: 'p95' } as const;
    expect(await preview({ ...one, red: slowest, threshold: 500, groupBy: ['operation'] })).toEqual([
      [{ operation: 'GET /slow' }, 1, null, expect.closeTo(900, -1)],
    ]);
    expect(await issuesOf({ red: { ...RED, operation: 'GET /' }, threshold: 1 })).toMatch(/^red.service: /);
  });
});

describe('SQL', () => {
  it('takes each row for an instance, and only reads', async () => {
    const rows = "SELECT 'a' AS tenant, toUInt64(7) AS value, 3 AS other UNION ALL SELECT 'b', 1, 3";
    const id = await bench.create({ name: 'Tenants', queryLanguage: 'sql', query: rows, threshold: 5 });
    expect(bench.states(id)).toEqual(['a,3 firing']);
    const any = { name: 'Any', queryLanguage: 'sql', query: "SELECT 'x' AS what, 2.5 AS amount" } as const;
    expect(newestValue(await bench.create(any))).toBe(2.5);
    expect(await issuesOf({ ...any, query: 'SELECT 1 AS a, 2 AS b' })).toMatch(/^query: several columns .*a, b/);
    expect(await issuesOf({ ...any, query: "SELECT 'x' AS value" })).toMatch(/no number but String/);
    expect(await issuesOf({ ...any, query: 'DROP TABLE otel_logs' })).toMatch(/^query: SQL may only read/);
    await expect(preview(any)).rejects.toThrow('query: asks for no present time');
  });

  it('is asked anew for each moment of a preview, with that moment as its present', async () => {
    await bench.pass(600, 60);
    await log({ body: 'odd', service: 'shop' }, { body: 'odd', service: 'shop' });
    await bench.pass(1800, 60);
    const query = `SELECT l.ServiceName AS service, count() AS value FROM otel_logs AS l
      WHERE l.Timestamp > now() - INTERVAL 5 MINUTE AND l.Timestamp > toDateTime64(${day / 1000 - 1}, 3) GROUP BY service`;
    const odd = { name: 'Odd', queryLanguage: 'sql', query, intervalMs: MINUTE } as const;
    expect(await preview(odd)).toEqual([[{ service: 'shop' }, 10, 15, 2]]);
    // What is cheap is looked at more often than 120 times, twice as close together and again, but not beyond its rule.
    const range = { start: day, end: day + HOUR };
    const often = bench.form({ ...odd, intervalMs: 10_000 });
    const { stepMs, episodes } = await bench.alerting.preview(often, range, 'UTC', AbortSignal.timeout(30_000));
    expect([10_000, 20_000, 40_000]).toContain(stepMs);
    expect(episodes).toMatchObject([{ startedAt: day + 10 * MINUTE, peak: 2 }]);
    expect(atTime('SELECT now(), today() FROM otel_logs, x.otel_traces o -- now()', 1000)).toBe(
      'SELECT toDateTime(1), toDate(toDateTime(1)) FROM (SELECT * FROM otel_logs WHERE Timestamp <= fromUnixTimestamp64Milli(toInt64(1000))) AS otel_logs, x.otel_traces o -- now()',
    );
    expect(atTime("SELECT 'now()' FROM otel_logs", 1000)).toBeUndefined();
  });
});

describe('absence', () => {
  const absence = { forMs: 2 * MINUTE };

  it('of a metric: fires for a series that was there, or never was, and ends when it is back', async () => {
    const id = await bench.create({ name: 'Silent', metric: 'beat', absence });
    const never = await bench.create({ name: 'Never', metric: 'nothing', absence });
    const together = await bench.create({ name: 'All of a job', metric: 'beat', absence, groupBy: ['job'] });
    for (let second = 0; second < 60; second += 10) {
      await sample('beat', { job: 'x', host: 'a' });
      await sample('beat', { job: 'x', host: 'b' });
      await bench.pass(10, 10);
    }
    expect([bench.states(id), bench.states(never)]).toEqual([[], []]);
    for (let second = 0; second < 150; second += 10) {
      await sample('beat', { job: 'x', host: 'b' });
      await bench.pass(10, 10);
    }
    expect([bench.states(id), bench.states(together)]).toEqual([['x,a firing'], []]);
    expect(bench.states(never)).toEqual(['firing']);
    // Neither a restart nor a long time make it well, but its return does.
    await bench.restart(60);
    await bench.pass((3 * HOUR) / 1000, 60);
    expect(bench.states(id)).toContain('x,a firing');
    expect(bench.states(never)).toEqual(['firing']);
    await sample('beat', { job: 'x', host: 'a' });
    await sample('beat', { job: 'x', host: 'b' });
    await sample('nothing', { job: 'y' });
    await bench.pass(20, 10);
    expect([bench.states(id), bench.states(together), bench.states(never)]).toEqual([[], [], []]);
  });

  it('does not take its own start for silence', async () => {
    const id = await bench.create({ name: 'Silent', metric: 'pulse', absence });
    await sample('pulse', { job: 'x' });
    await bench.pass(10, 10);
    await bench.restart(600);
    await bench.pass(60, 10);
    expect(bench.states(id)).toEqual([]);
    await bench.pass(90, 10);
    expect(bench.states(id)).toEqual(['x firing']);
  });

  it('of a log search and of a service', async () => {
    const logs = { queryLanguage: 'logs', query: '"backup done"', groupBy: ['service'], absence } as const;
    const id = await bench.create({ name: 'Backup', ...logs });
    const service = await bench.create({ name: 'Service', service: 'nightly', absence: { forMs: 3 * MINUTE } });
    await log({ body: 'backup done', service: 'nightly' }, { body: 'backup done', service: 'other' });
    await bench.pass(60, 10);
    await log({ body: 'backup done', service: 'other' });
    await bench.pass(80, 10);
    expect([bench.states(id), bench.states(service)]).toEqual([['nightly firing'], []]);
    expect(newestValue(id)).toBeGreaterThanOrEqual(120);
    await bench.pass(60, 10);
    expect(bench.states(service)).toEqual(['nightly firing']);
    await log({ body: 'backup done', service: 'nightly' });
    await bench.pass(10, 10);
    expect([bench.states(id), bench.states(service)]).toEqual([['other firing'], []]);
    const looks = { name: 'Tested', intervalMs: MINUTE, absence };
    expect(await preview({ ...logs, ...looks })).toEqual([
      [{ service: 'nightly' }, 3, 4, expect.any(Number)],
      [{ service: 'other' }, 4, null, expect.any(Number)],
      [{ service: 'nightly' }, 6, null, expect.any(Number)],
    ]);
    expect(await preview({ ...looks, service: 'nightly' })).toEqual([
      [{ service: 'nightly' }, 2, 3, expect.any(Number)],
      [{ service: 'nightly' }, 6, null, expect.any(Number)],
    ]);
    expect(await preview({ ...looks, service: 'nobody' })).toEqual([
      [{ service: 'nobody' }, 2, null, expect.any(Number)],
    ]);
    expect(await issuesOf({ name: 'Whose', absence })).toMatch(/^absence: give metric, query or service/);
    expect(await issuesOf({ name: 'Both', metric: 'a', threshold: 1, absence })).toMatch(/threshold: has no meaning/);
  });
});

describe('alerts of alerts', () => {
  const alerts = (query: string, more: Partial<AlertForm> = {}) =>
    ({ name: query, queryLanguage: 'alerts', query, ...more }) as const;

  it('follow their members at once, by sets of labels', async () => {
    const set = (name: string, zone: string, value: number) => sample(name, { zone }, value);
    await set('errors', 'a', 0);
    const a = await bench.create({ name: 'Errors', metric: 'errors', threshold: 5 });
    await bench.create({ name: 'Deploy', metric: 'deploys', threshold: 0 });
    const both = await bench.create(alerts('"Errors" and not Deploy', { intervalMs: 24 * HOUR }));
    const zones = await bench.create(alerts(`${a} and not ("Deploy")`, { groupBy: ['zone'], intervalMs: 24 * HOUR }));
    await set('errors', 'a', 9);
    await set('errors', 'b', 9);
    await bench.pass(10, 10);
    expect([bench.states(both), bench.states(zones)]).toEqual([['firing'], ['a firing', 'b firing']]);
    await set('deploys', 'a', 1);
    await bench.pass(10, 10);
    expect([bench.states(both), bench.states(zones)]).toEqual([[], ['b firing']]);
    // Another name changes nothing, and neither does an edit that leaves the expression as it is.
    await bench.alerting.update(a, { name: 'Failures' }, 'tester');
    await bench.alerting.update(both, { description: 'x' }, 'tester');
    await set('deploys', 'a', 0);
    await bench.pass(10, 10);
    expect(bench.states(both)).toEqual(['firing']);
    // What the members have really fired, at the moments of the preview.
    const tested = alerts(`${a} and not ("Deploy")`, { groupBy: ['zone'], intervalMs: 10_000 });
    expect((await preview(tested)).map(([labels, from, until]) => [labels, Number(from) * 60, until])).toEqual([
      [{ zone: 'a' }, 10, 20 / 60],
      [{ zone: 'b' }, 10, null],
      [{ zone: 'a' }, 30, null],
    ]);
    await bench.alerting.remove(a, 'tester');
    await bench.settle();
    await bench.alerting.update(both, { description: 'y' }, 'tester');
    expect(bench.alerting.get(both)).toMatchObject({ health: 'error', lastError: 'the alert "Errors" is gone' });
  });

  it('are refused where they name nothing, several, or themselves', async () => {
    const first = await bench.create({ name: 'Base', metric: 'm', threshold: 1 });
    await bench.create({ name: 'Twice', metric: 'm', threshold: 1 });
    await bench.create({ name: 'Twice', metric: 'm', threshold: 1 });
    const one = await bench.create(alerts('Base', { name: 'One' }));
    await bench.create(alerts('One or Base', { name: 'Two' }));
    expect(await issuesOf(alerts('"Bas"'))).toBe('query: there is no alert "Bas"');
    expect(await issuesOf(alerts('Twice'))).toMatch(/^query: 2 alerts are called "Twice"/);
    expect(await issuesOf(alerts('Base and'))).toMatch(
      /position 9: expected the name or id of an alert, found the end/,
    );
    expect(await issuesOf(alerts('(Base or'))).toMatch(/found the end/);
    expect(await issuesOf(alerts('"Base'))).toMatch(/position 1: a quote is not closed/);
    const circle = bench.alerting.update(one, { query: 'Base and Two' }, 'tester');
    await expect(circle).rejects.toThrow('goes in a circle: "One" waits for "Two" waits for "One"');
    expect(await preview(alerts('Base'))).toEqual([]);
    expect(first).not.toBe(one);
  });
});

describe('every kind', () => {
  it('is paused, changed into another and set back', async () => {
    await log({ body: 'x' });
    await bench.pass(1);
    const id = await bench.create({ name: 'Any', queryLanguage: 'logs', query: 'x', threshold: 0 });
    expect(bench.states(id)).toEqual(['firing']);
    await bench.alerting.update(id, { enabled: false }, 'tester');
    expect(bench.states(id)).toEqual([]);
    await bench.alerting.update(id, { enabled: true, red: { ...RED }, threshold: 1 }, 'tester');
    expect(bench.alerting.get(id).rule).toMatchObject({
      queryLanguage: 'trace',
      query: null,
      condition: { kind: 'red' },
    });
    await bench.alerting.update(id, { absence: { forMs: MINUTE }, metric: 'm' }, 'tester');
    expect(bench.alerting.get(id).rule).toMatchObject({ queryLanguage: 'promql', threshold: null, red: null });
    await bench.alerting.restore(id, 1, 'tester');
    expect(bench.states(id)).toEqual(['firing']);
    await bench.kill();
    await bench.pass(20, 10);
    expect(bench.states(id)).toEqual(['firing']);
  });
});
