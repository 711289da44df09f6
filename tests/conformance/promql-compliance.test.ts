import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prometheusRoutes } from '../../server/src/api/index.ts';
import { ScrapeCollector } from '../../server/src/collectors/scrape/index.ts';
import { createHttpServer } from '../../server/src/http/index.ts';
import { systemClock } from '../../server/src/model/clock.ts';
import { createPromqlEngine } from '../../server/src/query/promql/index.ts';
import type { TelemetryStore } from '../../server/src/stores/telemetry/index.ts';
import { silentLogger as logger, openTestTelemetryStore } from '../support/telemetry-store.ts';
import { differenceOf, queryRange } from './promql-compliance/answers.ts';
import { demoSeries, END } from './promql-compliance/demo-series.ts';
import { type PrometheusServer, prometheusMissing, startPrometheus } from './promql-compliance/prometheus-server.ts';
import { readComplianceQueries } from './promql-compliance/queries.ts';

const suites = process.env.CONFORMANCE_DIR;
const missing = suites ? await prometheusMissing() : 'CONFORMANCE_DIR is not set';
if (missing) {
  if (process.env.CI === 'true') throw new Error(`with CI=true this must run: ${missing}`);
  process.stderr.write(`SKIPPED: PromQL against a real Prometheus: ${missing}\n`);
}

/** Off the grid of the samples and of subquery steps. */
const RANGE = { start: END / 1000 - 1197.5, end: END / 1000 - 597.5, step: 10 };
/** Prometheus 3 differs by design from the 2.x that the suite was written for. */
const DIFFERENT_BY_DESIGN = new Map([
  ['label_replace(demo_num_cpus, "~invalid", "", "src", "(.*)")', 'label names may hold any UTF-8'],
  ['label_join(demo_num_cpus, "~invalid", "-", "instance")', 'label names may hold any UTF-8'],
]);

/** Status and text of an answer. */
async function textOf(url: string): Promise<string> {
  const reply = await fetch(url);
  return `${reply.status} ${await reply.text()}`;
}

describe.skipIf(missing)('promql-compliance', () => {
  let prometheus: PrometheusServer;
  let store: TelemetryStore;
  let app: Awaited<ReturnType<typeof createHttpServer>>;
  let address: string;

  beforeAll(async () => {
    const series = demoSeries();
    prometheus = await startPrometheus(series);
    store = await openTestTelemetryStore();
    await store.metrics.writeSamples(series);
    const engine = createPromqlEngine({ source: store.metrics, clock: systemClock });
    app = await createHttpServer({
      routes: prometheusRoutes({
        engine,
        store: store.metrics,
        clock: systemClock,
        logger,
        version: '0',
        isReady: () => true,
        targets: new ScrapeCollector({ jobs: [], sink: store.metrics, clock: systemClock, logger, directory: '.' }),
        reload: async () => [],
        reloadState: () => ({ succeeded: true, succeededAt: 0 }),
      }),
      guards: {
        authenticator: { open: true, authenticate: async () => undefined },
        allowedOrigins: [],
        allowedHosts: undefined,
      },
      logger,
      trustProxy: false,
    });
    address = await app.listen({ host: '127.0.0.1', port: 0 });
  }, 60_000);

  afterAll(async () => {
    await app?.close();
    await store?.close();
    await prometheus?.stop();
  });

  it.each([
    'query=vector(1e30)&time=1.5',
    'query=vector(1e-7)&time=1',
    'query=vector(123456.789e-12)&time=1700000000.050',
    'query=1e30&time=0',
    'query=1e-9&time=0',
    'query=-Inf&time=-1.25',
    'query=vector(NaN)&time=2023-11-14T22:13:20.123Z',
    'query=-1*vector(0)&time=1',
    `query=${encodeURIComponent('"a\\nü"')}&time=1`,
    `query=demo_num_cpus[12s]&time=${END / 1000 - 600}`,
    `query=demo_num_cpus&time=${END / 1000 - 600}`,
    'query=nonexistent',
    'query=up&timeout=x',
  ])('answers /api/v1/query?%s byte for byte', async (parameters) => {
    const path = `/api/v1/query?${parameters}`;
    expect(await textOf(address + path)).toBe(await textOf(prometheus.url + path));
  });

  it.each([
    'query=1&start=0&end=11001&step=1',
    'query=1&start=0&end=10&step=0',
    'query=1&start=0&end=10&step=x',
    'query=1&start=20&end=10&step=1',
    'query=1&end=10&step=1',
    'query=vector(0.5)&start=0&end=1&step=500ms',
  ])('answers /api/v1/query_range?%s byte for byte', async (parameters) => {
    const path = `/api/v1/query_range?${parameters}`;
    expect(await textOf(address + path)).toBe(await textOf(prometheus.url + path));
  });

  it('gives the same answers as Prometheus', { timeout: 120_000 }, async () => {
    const different: Record<string, string> = {};
    const queries = readComplianceQueries(suites!);
    let withData = 0;
    for (const { query, shouldFail, isCompared } of queries) {
      if (DIFFERENT_BY_DESIGN.has(query)) continue;
      const [ours, theirs] = await Promise.all([
        queryRange(address, query, RANGE),
        queryRange(prometheus.url, query, RANGE),
      ]);
      if (shouldFail) {
        if (ours.status !== 'error') different[query] = 'did not fail';
        continue;
      }
      if (ours.data && ours.data.result.length > 0) withData++;
      const difference = isCompared ? differenceOf(ours, theirs) : ours.error;
      if (difference) different[query] = difference;
    }
    const failed = Object.keys(different).length;
    const skipped = queries.filter(({ query }) => DIFFERENT_BY_DESIGN.has(query)).length;
    process.stderr.write(
      `promql-compliance: ${queries.length - failed - skipped} passed, ${failed} failed, ${skipped} skipped ` +
        `(different by design), against Prometheus ${prometheus.version}; ${withData} with data\n`,
    );
    expect(different).toEqual({});
  });
});
