import { hostname } from 'node:os';
import { type Route, type RouteContext, route } from '../../../http/index.ts';
import { formatInstant } from '../../../lib/instant.ts';
import type { Clock } from '../../../model/clock.ts';
import type { MetricStore } from '../../../stores/telemetry/index.ts';
import { countLabels, largest, metricsOf, perLabel } from '../../cardinality.ts';
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
  const counts = await countLabels(series);
  const pairs = [...counts.labels].flatMap(([label, values]) =>
    [...values].map(([text, value]) => ({ name: `${label}=${text}`, value })),
  );
  return await sendData(context, {
    headStats: {
      numSeries: series.length,
      numLabelPairs: pairs.length,
      chunkCount: series.length,
      minTime,
      maxTime,
    },
    seriesCountByMetricName: largest(metricsOf(counts), limit),
    labelValueCountByLabelName: largest(
      perLabel(counts, (values) => values.size),
      limit,
    ),
    memoryInBytesByLabelName: largest(perLabel(counts, bytesOf), limit),
    seriesCountByLabelValuePair: largest(pairs, limit),
  });
}

/** Of the texts themselves, each once. */
function bytesOf(values: ReadonlyMap<string, number>): number {
  let bytes = 0;
  for (const value of values.keys()) bytes += Buffer.byteLength(value);
  return bytes;
}
