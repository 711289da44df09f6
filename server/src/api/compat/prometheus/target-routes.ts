import { hostname } from 'node:os';
import { type Route, type RouteContext, route } from '../../../http/index.ts';
import { formatDuration } from '../../../lib/duration.ts';
import { formatInstant } from '../../../lib/instant.ts';
import type { Labels } from '../../../model/labels.ts';
import type { MetricType } from '../../../model/metric.ts';
import { compileMatchers } from '../../../query/promql/index.ts';
import {
  prometheusAnswer,
  scrapePoolsAnswer,
  targetMetadataParameters,
  targetParameters,
  targetsAnswer,
} from '../../contract/prometheus.ts';
import { sendData } from './answer.ts';
import { wrongParameter } from './errors.ts';
import { Parameters } from './parameters.ts';

/** What is scraped; a job is a scrape pool. */
export interface TargetSource {
  pools(): string[];
  activeTargets(job?: string): readonly {
    readonly job: string;
    readonly discoveredLabels: Labels;
    readonly labels: Labels;
    readonly url: string;
    readonly health: 'unknown' | 'up' | 'down';
    readonly lastError: string;
    readonly lastScrape: number | undefined;
    readonly lastDurationMs: number;
    readonly intervalMs: number;
    readonly timeoutMs: number;
  }[];
  droppedTargets(job?: string): {
    readonly targets: readonly { readonly job: string; readonly discoveredLabels: Labels }[];
    readonly counts: Readonly<Record<string, number>>;
  };
  metadata(): Iterable<{
    readonly target: Labels;
    readonly metric: string;
    readonly type: MetricType;
    readonly help: string;
    readonly unit: string;
  }>;
}

type Context = RouteContext<unknown, unknown, unknown>;

const STATES = ['active', 'dropped', 'any'];
/** What Go writes for a time that never was. */
const NEVER = '0001-01-01T00:00:00Z';
const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

export function targetRoutes(targets: TargetSource): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/v1/targets',
      tag: 'prometheus',
      summary: 'Scraped targets, and those that relabelling dropped',
      scope: 'read',
      query: targetParameters,
      lenient: true,
      success: { status: 200, schema: targetsAnswer },
      handle: (context) => answerTargets(context, targets),
    }),
    route({
      method: 'GET',
      path: '/api/v1/scrape_pools',
      tag: 'prometheus',
      summary: 'Names of the jobs of scrape_configs',
      scope: 'read',
      lenient: true,
      success: { status: 200, schema: scrapePoolsAnswer },
      handle: (context) => sendData(context, { scrapePools: targets.pools() }),
    }),
    route({
      method: 'GET',
      path: '/api/v1/targets/metadata',
      tag: 'prometheus',
      summary: 'What targets say about their metrics',
      scope: 'read',
      query: targetMetadataParameters,
      lenient: true,
      success: { status: 200, schema: prometheusAnswer },
      handle: (context) => answerMetadata(context, targets),
    }),
  ];
}

function answerTargets(context: Context, source: TargetSource): unknown {
  const parameters = new Parameters(context);
  const state = parameters.text('state').toLowerCase();
  const wanted = STATES.includes(state) ? state : 'any';
  const job = parameters.text('scrapePool') || undefined;
  const dropped = source.droppedTargets(job);
  return sendData(context, {
    activeTargets: wanted === 'dropped' ? [] : source.activeTargets(job).map(describe),
    droppedTargets:
      wanted === 'active'
        ? []
        : dropped.targets.map(({ job: scrapePool, discoveredLabels }) => ({ discoveredLabels, scrapePool })),
    droppedTargetCounts: wanted === 'active' ? {} : dropped.counts,
  });
}

function describe(target: ReturnType<TargetSource['activeTargets']>[number]) {
  return {
    discoveredLabels: target.discoveredLabels,
    labels: target.labels,
    scrapePool: target.job,
    scrapeUrl: target.url,
    globalUrl: globalUrl(target.url),
    lastError: target.lastError,
    lastScrape: target.lastScrape === undefined ? NEVER : formatInstant(target.lastScrape),
    lastScrapeDuration: target.lastDurationMs / 1000,
    health: target.health,
    scrapeInterval: formatDuration(target.intervalMs),
    scrapeTimeout: formatDuration(target.timeoutMs),
  };
}

/** How others reach a target of this machine. */
function globalUrl(text: string): string {
  const url = new URL(text);
  if (!LOOPBACK.has(url.hostname)) return text;
  const authority = `//${url.hostname}`;
  return text.replace(authority, `//${hostname()}`);
}

function answerMetadata(context: Context, source: TargetSource): unknown {
  const parameters = new Parameters(context);
  const metric = parameters.text('metric');
  const limit = metadataLimit(parameters);
  const matchers = parameters.text('match_target') === '' ? [] : parameters.selector('match_target');
  const matches = compileMatchers(matchers);
  const found: object[] = [];
  for (const { target, metric: name, ...facts } of source.metadata()) {
    if (found.length >= limit) break;
    if (metric !== '' && name !== metric) continue;
    if (matches(target)) found.push({ target, ...(metric === '' && { metric: name }), ...facts });
  }
  return sendData(context, found);
}

/** Here a limit below zero means all, and 0 none. */
function metadataLimit(parameters: Parameters): number {
  const text = parameters.text('limit');
  if (text === '') return Number.POSITIVE_INFINITY;
  if (!/^[+-]?\d{1,15}$/.test(text)) throw wrongParameter('limit', 'limit must be a number');
  return Number(text) < 0 ? Number.POSITIVE_INFINITY : Number(text);
}
