import { hostname } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Route, type RouteContext, route } from '../../../http/index.ts';
import { formatInstant } from '../../../lib/instant.ts';
import type { Clock } from '../../../model/clock.ts';
import { type Labels, METRIC_NAME } from '../../../model/labels.ts';
import type { MetricStore } from '../../../stores/telemetry/index.ts';
import { prometheusAnswer } from '../../contract/prometheus.ts';
import { sendData } from './answer.ts';
import { Parameters } from './parameters.ts';

export interface StatusDependencies {
  readonly store: Pick<MetricStore, 'series'>;
  readonly clock: Clock;
  /** Of the service. */
  readonly version: string;
  readonly isReady: () => boolean;
  /** What became of the last reading of the configuration. */
  readonly reloadState: () => ReloadState;
}

interface ReloadState {
  readonly succeeded: boolean;
  /** When it went well last, Unix milliseconds. */
  readonly succeededAt: number;
}

type Context = RouteContext<unknown, unknown, unknown>;

/** The release of Prometheus whose API and language this follows; clients choose their calls by it. */
const PROMETHEUS_VERSION = '3.5.0';
/** How much of the past the figures of the "head" are about; Prometheus keeps two to three hours there. */
const HEAD_MS = 3 * 3_600_000;
const SERIES_A_SLICE = 20_000;

export function statusRoutes(dependencies: StatusDependencies): Route[] {
  const { clock, version } = dependencies;
  const startTime = formatInstant(clock.now());
  return [
    get('/api/v1/status/buildinfo', 'The release of Prometheus that this answers as', (context) =>
      sendData(context, {
        version: PROMETHEUS_VERSION,
        revision: `system-service ${version}`,
        branch: '',
        buildUser: '',
        buildDate: '',
        goVersion: '',
      }),
    ),
    get('/api/v1/status/runtimeinfo', 'Since when the service runs', (context) =>
      sendData(context, runtimeInfo(startTime, clock, dependencies.reloadState())),
    ),
    get('/api/v1/status/tsdb', 'Which metrics and labels have the most series; `limit` entries each', (context) =>
      answerCardinality(context, dependencies),
    ),
    probe('/-/healthy', 'The process answers', () => true, 'Healthy'),
    probe('/-/ready', 'Ready to answer queries; 503 before', dependencies.isReady, 'Ready'),
  ];
}

function get(path: string, summary: string, handle: (context: Context) => unknown): Route {
  return route({
    method: 'GET',
    path,
    tag: 'prometheus',
    summary,
    scope: 'read',
    lenient: true,
    success: { status: 200, schema: prometheusAnswer },
    handle,
  });
}

function probe(path: string, summary: string, isTrue: () => boolean, word: string): Route {
  return route({
    method: 'GET',
    path,
    tag: 'prometheus',
    summary,
    scope: 'public',
    lenient: true,
    success: { status: 200, contentType: 'text/plain' },
    handle: ({ reply }) => {
      reply.type('text/plain; charset=utf-8');
      if (isTrue()) return `System Service is ${word}.\n`;
      reply.code(503);
      return `System Service is not ${word}.\n`;
    },
  });
}

function runtimeInfo(startTime: string, clock: Clock, { succeeded, succeededAt }: ReloadState) {
  return {
    startTime,
    CWD: '',
    hostname: hostname(),
    serverTime: formatInstant(clock.now()),
    reloadConfigSuccess: succeeded,
    lastConfigTime: formatInstant(succeededAt),
    corruptionCount: 0,
    goroutineCount: 0,
    GOMAXPROCS: 0,
    GOMEMLIMIT: 0,
    GOGC: '',
    GODEBUG: '',
    storageRetention: '',
  };
}

async function answerCardinality(context: Context, { store, clock }: StatusDependencies): Promise<unknown> {
  const limit = new Parameters(context).limit('limit', 10);
  const maxTime = clock.now();
  const minTime = maxTime - HEAD_MS;
  const series = await store.series([], { start: minTime, end: maxTime });
  const { metrics, values, pairs, bytes } = await count(series);
  return await sendData(context, {
    headStats: {
      numSeries: series.length,
      numLabelPairs: pairs.size,
      chunkCount: series.length,
      minTime,
      maxTime,
    },
    seriesCountByMetricName: largest(metrics, limit),
    labelValueCountByLabelName: largest(values, limit),
    memoryInBytesByLabelName: largest(bytes, limit),
    seriesCountByLabelValuePair: largest(pairs, limit),
  });
}

type Counts = Map<string, number>;

async function count(series: readonly Labels[]) {
  const metrics: Counts = new Map();
  const values: Counts = new Map();
  const pairs: Counts = new Map();
  const bytes: Counts = new Map();
  for (const [position, labels] of series.entries()) {
    add(metrics, labels[METRIC_NAME] ?? '', 1);
    for (const [name, value] of Object.entries(labels)) {
      const pair = `${name}=${value}`;
      if (!pairs.has(pair)) {
        add(values, name, 1);
        add(bytes, name, Buffer.byteLength(value));
      }
      add(pairs, pair, 1);
    }
    if (position % SERIES_A_SLICE === SERIES_A_SLICE - 1) await nextTurn();
  }
  return { metrics, values, pairs, bytes };
}

function add(counts: Counts, key: string, amount: number): void {
  counts.set(key, (counts.get(key) ?? 0) + amount);
}

function largest(counts: Counts, limit: number): { name: string; value: number }[] {
  return [...counts]
    .map(([name, value]) => ({ name, value }))
    .sort((a, b) => b.value - a.value || (a.name < b.name ? -1 : 1))
    .slice(0, limit);
}
