import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../server/src/app/free-port.ts';
import { openMetricsFloat } from '../../server/src/lib/open-metrics-float.ts';
import { apiOf } from '../support/api.ts';
import { accessibilityFaults, findChromium, startBrowser, visit } from '../support/browser.ts';
import { buildConsole } from '../support/console-build.ts';
import { eventually } from '../support/eventually.ts';
import { missingNodeExporter, startNodeExporter } from '../support/node-exporter.ts';
import { missingPrometheus, startPrometheus } from '../support/prometheus-server.ts';
import { startTestService, type TestService } from '../support/service.ts';

const missing = missingPrometheus() ?? missingNodeExporter();
const chromium = findChromium();

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

interface Scraping {
  readonly service: TestService;
  readonly api: ReturnType<typeof apiOf>;
  /** Writes another configuration; it is not read by that. */
  readonly configure: (text: string) => void;
}

async function startScraping(config: string): Promise<Scraping> {
  const folder = mkdtempSync(join(tmpdir(), 'scraping-'));
  stops.push(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'system-service.yaml');
  const configure = (text: string) => writeFileSync(file, text);
  configure(config);
  const service = await startTestService({ env: { CONFIG_FILE: file } });
  stops.push(() => service.stop());
  return { service, api: apiOf(service.url), configure };
}

/** A target whose answer a test changes. */
async function startTarget(answer: { text: string; status?: number }): Promise<string> {
  const server = http.createServer((_, response) => {
    response.writeHead(answer.status ?? 200, { 'content-type': 'text/plain; version=0.0.4' }).end(answer.text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const job = (name: string, address: string, more = '') =>
  `  - {job_name: ${name}, scrape_interval: 500ms, static_configs: [{targets: ['${address}']}]${more}}\n`;

/** Values by their labels, as `job/instance`. */
async function query(api: Scraping['api'], text: string): Promise<Record<string, string>> {
  const { body } = await api.get(`/api/v1/query?query=${encodeURIComponent(text)}`);
  const result = body.data.result as { metric: Record<string, string>; value: [number, string] }[];
  return Object.fromEntries(result.map(({ metric, value }) => [`${metric.job}/${metric.instance}`, value[1]]));
}

type LabelSet = Readonly<Record<string, string>>;

/** Names and labels of all series of a job, one text each. */
async function seriesOf(url: string): Promise<string[]> {
  const { body } = await apiOf(url).get(`/api/v1/series?match[]=${encodeURIComponent('{job="node"}')}`);
  const text = (labels: LabelSet) => JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
  return (body.data as LabelSet[]).map(text).sort();
}

/** Prometheus 3 and we write bounds and quantiles in one form; older ones leave them as they come. */
function canonical(series: string): string {
  return series.replace(/\["(le|quantile)","([^"]+)"\]/, (_, label: string, bound: string) =>
    JSON.stringify([label, openMetricsFloat(bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound))]),
  );
}

describe('scraping', () => {
  it.skipIf(missing)('stores the same series of a node exporter as a real Prometheus', async () => {
    const port = await freePort('127.0.0.1');
    stops.push(await startNodeExporter(port));
    const config = `global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n  - {job_name: node, static_configs: [{targets: ['127.0.0.1:${port}'], labels: {env: test}}]}\n`;
    const prometheus = await startPrometheus(await freePort('127.0.0.1'), () => config);
    stops.push(() => prometheus.stop());
    const { service, api } = await startScraping(config);
    await eventually(async () => {
      const theirs = (await seriesOf(`http://${prometheus.address}`)).map(canonical).sort();
      expect(theirs.length).toBeGreaterThan(300);
      expect(await seriesOf(service.url)).toEqual(theirs);
    });
    const [theirs, ours] = await Promise.all(
      [`http://${prometheus.address}`, service.url].map((url) => apiOf(url).get('/api/v1/targets')),
    );
    const [target] = ours!.body.data.activeTargets;
    const [example] = theirs!.body.data.activeTargets;
    expect(Object.keys(target).sort()).toEqual(Object.keys(example).sort());
    expect(target).toMatchObject({
      ...Object.fromEntries(
        ['discoveredLabels', 'labels', 'scrapePool', 'scrapeUrl', 'globalUrl', 'scrapeInterval', 'scrapeTimeout'].map(
          (name) => [name, example[name]],
        ),
      ),
      health: 'up',
      lastError: '',
    });
    const metadata = '/api/v1/targets/metadata?metric=node_cpu_seconds_total&match_target={env="test"}';
    expect((await api.get(metadata)).body).toEqual((await apiOf(`http://${prometheus.address}`).get(metadata)).body);
    expect((await api.get('/api/v1/scrape_pools')).body).toEqual({
      status: 'success',
      data: { scrapePools: ['node'] },
    });
  });

  it('ends series that a target has no more, and all when it fails', async () => {
    const answer = { text: 'a 1\nb 1\n', status: 200 };
    const address = await startTarget(answer);
    const { api } = await startScraping(`scrape_configs:\n${job('j', address)}`);
    const at = `j/${address}`;
    await eventually(async () =>
      expect(await query(api, '{__name__=~"a|b"} == 1 and on() up == 1')).toHaveProperty(at),
    );
    answer.text = 'a 2\n';
    await eventually(async () => {
      expect(await query(api, 'a')).toEqual({ [at]: '2' });
      expect(await query(api, 'b')).toEqual({});
    });
    answer.status = 500;
    await eventually(async () => {
      expect(await query(api, 'a')).toEqual({});
      expect(await query(api, 'up')).toEqual({ [at]: '0' });
    });
    const { body } = await api.get('/api/v1/targets?state=active');
    expect(body.data.activeTargets).toMatchObject([
      { health: 'down', lastError: 'the target answers with HTTP status 500 Internal Server Error' },
    ]);
  });

  it('takes a changed configuration by SIGHUP and by POST, and keeps the one before where there are mistakes', async () => {
    const [one, two] = [await startTarget({ text: 'a 1\n' }), await startTarget({ text: 'a 2\n' })];
    const { service, api, configure } = await startScraping(`scrape_configs:\n${job('one', one)}`);
    await eventually(async () => expect(await query(api, 'a')).toEqual({ [`one/${one}`]: '1' }));
    configure(`scrape_configs:\n${job('one', one)}${job('two', two)}`);
    process.kill(service.pid, 'SIGHUP');
    await eventually(async () => expect(await query(api, 'a')).toEqual({ [`one/${one}`]: '1', [`two/${two}`]: '2' }));
    configure(`scrape_configs:\n${job('two', two, ', scrape_intervall: 1s')}`);
    const refused = await api.post('/-/reload', undefined);
    expect(refused.status).toBe(500);
    expect(refused.body).toContain('scrape_configs[0].scrape_intervall: unknown field; did you mean scrape_interval');
    expect((await api.get('/api/v1/scrape_pools')).body.data.scrapePools).toEqual(['one', 'two']);
    expect((await api.get('/api/v1/status/runtimeinfo')).body.data.reloadConfigSuccess).toBe(false);
    configure(`scrape_configs:\n${job('two', two)}`);
    expect((await api.post('/-/reload', undefined)).status).toBe(200);
    await eventually(async () => {
      expect(await query(api, 'a')).toEqual({ [`two/${two}`]: '2' });
      expect(await query(api, 'up')).toEqual({ [`two/${two}`]: '1' });
    });
  });

  it('tells about targets that relabelling dropped', async () => {
    const address = await startTarget({ text: 'a 1\n' });
    const drop = ", relabel_configs: [{action: drop, source_labels: [__address__], regex: '.*'}]";
    const { api } = await startScraping(`scrape_configs:\n${job('kept', address)}${job('gone', address, drop)}`);
    const of = async (parameters: string) => (await api.get(`/api/v1/targets?${parameters}`)).body.data;
    const dropped = {
      discoveredLabels: expect.objectContaining({ __address__: address, job: 'gone' }),
      scrapePool: 'gone',
    };
    expect(await of('state=dropped')).toEqual({
      activeTargets: [],
      droppedTargets: [dropped],
      droppedTargetCounts: { gone: 1, kept: 0 },
    });
    expect(await of('scrapePool=kept')).toMatchObject({
      activeTargets: [{ scrapePool: 'kept' }],
      droppedTargets: [],
      droppedTargetCounts: { kept: 0 },
    });
  });

  it.skipIf(chromium === undefined)('shows its targets in the console', async () => {
    buildConsole();
    const address = await startTarget({ text: 'a 1\n' });
    const { service, api } = await startScraping(
      `scrape_configs:\n${job('web', address)}${job('dead', '127.0.0.1:1')}`,
    );
    await eventually(async () =>
      expect(await query(api, 'up')).toEqual({ [`web/${address}`]: '1', 'dead/127.0.0.1:1': '0' }),
    );
    const browser = await startBrowser(chromium!);
    stops.push(() => browser.close());
    const { page, problems } = await visit(browser, service.url);
    await page.goto('/');
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Targets' }).click();
    await page.getByRole('heading', { name: 'Targets', level: 1 }).waitFor();
    const row = (job: string, name: string) => page.getByRole('region', { name: job }).getByRole('row', { name });
    const dead = row('dead', '127.0.0.1:1/metrics');
    await dead.getByText('Down', { exact: true }).waitFor();
    await dead.getByText('connection refused').waitFor();
    await row('web', address).getByText('Up', { exact: true }).waitFor();
    await row('web', address).getByText('job="web"').waitFor();
    await page.getByText('1 down').waitFor();
    await page.getByRole('searchbox', { name: 'Search targets' }).fill('job=web');
    await dead.waitFor({ state: 'detached' });
    expect(await accessibilityFaults(page)).toEqual([]);
    expect(problems).toEqual([]);
  });
});
