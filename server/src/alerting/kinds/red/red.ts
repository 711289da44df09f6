import { formatDuration } from '../../../lib/duration.ts';
import { type Issue, invalid } from '../../../model/errors.ts';
import type { Labels } from '../../../model/labels.ts';
import type { TimeRange } from '../../../model/time-range.ts';
import type { RedFigures } from '../../../stores/telemetry/index.ts';
import type { Comparison, RedForm } from '../../rules/alert-rule.ts';
import type { HistoryOptions, KindSources, Look, RuleKind, Sample } from '../rule-kind.ts';

/** Rate, errors or duration of the requests of a window, from spans. */
export interface RedCondition extends RedForm {
  readonly kind: 'red';
  readonly windowMs: number;
  readonly comparison: Comparison;
}

const DEFAULT_WINDOW_MS = 300_000;
/** Services, or operations of one, the busiest first. */
const MOST_SERIES_OF_HISTORY = 50;

const FIGURES: Readonly<Record<RedForm['figure'], (red: RedFigures, windowMs: number) => number>> = {
  rate: ({ requests }, windowMs) => requests / (windowMs / 1000),
  error_percent: ({ requests, errors }) => (errors / requests) * 100,
  p50: ({ latencyMs }) => latencyMs.p50,
  p95: ({ latencyMs }) => latencyMs.p95,
  p99: ({ latencyMs }) => latencyMs.p99,
};

export const red: RuleKind<RedCondition> = {
  name: 'red',
  raisedBy: 'data',
  fields: ['red', 'window', 'threshold'],
  claims: ({ red: form, queryLanguage }) => form !== null || queryLanguage === 'trace',

  prepare({ red: form, queryLanguage, service, windowMs }, { comparison }) {
    const compared = comparison();
    const issues: Issue[] = [];
    if (!form) issues.push({ path: 'red', message: 'say which figure, such as {"figure": "p95", "service": "shop"}' });
    if (queryLanguage !== 'trace' && queryLanguage !== 'promql') {
      issues.push({ path: 'query_language', message: 'is trace, or left out, where red is given' });
    }
    if (!compared) issues.push({ path: 'threshold', message: 'say from which value on' });
    if (form?.operation && !(form.service ?? service)) {
      issues.push({ path: 'red.service', message: 'say of which service the operation is' });
    }
    if (form?.service && service && form.service !== service) {
      issues.push({ path: 'red.service', message: 'differs from service: give one of the two' });
    }
    if (issues.length > 0) throw invalid(...issues);
    const watched = { ...form!, service: form!.service ?? service };
    const window = windowMs ?? DEFAULT_WINDOW_MS;
    return { condition: { kind: 'red', ...watched, windowMs: window, comparison: compared! }, query: null };
  },

  async ask(condition, look, sources) {
    const { figure, windowMs, service, operation, minRequests } = condition;
    const found = await figuresOf(condition, look, sources);
    const isRate = figure === 'rate';
    const samples: Sample[] = found
      .filter(({ figures }) => isRate || figures.requests >= minRequests)
      .map(({ labels, figures }) => ({ labels, value: FIGURES[figure](figures, windowMs) }));
    // A named service without requests has a rate, and it is zero.
    if (isRate && samples.length === 0 && service !== null && !hasOperations(look.groupBy, operation)) {
      samples.push({ labels: { service, ...(operation !== null && { operation }) }, value: 0 });
    }
    return { samples, absent: isRate ? 0 : 'missing' };
  },

  async history(condition, options, sources) {
    const { environment, figure, windowMs, minRequests } = condition;
    const { grid, range } = gridOf(windowMs, options);
    const asked = { signal: options.signal, environment: environment ?? undefined };
    const store = redStore(sources);
    const watched = await watchedIn(condition, range, options, store);
    const series = [];
    for (const labels of watched.slice(0, MOST_SERIES_OF_HISTORY)) {
      const points = await store.series(labels.service, range, windowMs, { ...asked, operation: labels.operation });
      const kept = points.filter(({ requests }) => figure === 'rate' || requests >= minRequests);
      series.push({
        labels:
          labels.operation === undefined ? { service: labels.service } : { ...labels, operation: labels.operation },
        timestamps: kept.map(({ timestamp }) => timestamp),
        values: kept.map((point) => FIGURES[figure](point, windowMs)),
      });
    }
    return { ...grid, series, absent: figure === 'rate' ? 0 : 'missing' };
  },

  describe({ figure, service, operation, environment, windowMs }) {
    const what = [operation, service ?? 'each service', environment && `in ${environment}`].filter(Boolean).join(' ');
    return `${figure.replace('_', ' ')} of ${what} over ${formatDuration(windowMs)}`;
  },
};

async function figuresOf(
  { service, operation, environment, windowMs }: RedCondition,
  { now, signal, groupBy }: Look,
  sources: KindSources,
): Promise<{ labels: Labels; figures: RedFigures }[]> {
  const store = redStore(sources);
  const range = { start: now - windowMs, end: now };
  const options = { pool: 'alerting', signal, environment: environment ?? undefined } as const;
  if (service !== null && (operation !== null || hasOperations(groupBy, operation))) {
    const operations = await store.operations(service, range, options);
    return operations
      .filter((one) => operation === null || one.operation === operation)
      .map((one) => ({ labels: { service, operation: one.operation }, figures: one }));
  }
  const services = await store.services(range, { ...options, ...(service !== null && { service }) });
  return services.map((one) => ({ labels: { service: one.service }, figures: one }));
}

/** Services or operations that a condition has watched in a time. */
async function watchedIn(
  { service, operation, environment }: RedCondition,
  range: TimeRange,
  { groupBy, signal }: HistoryOptions,
  store: NonNullable<KindSources['red']>,
): Promise<{ readonly service: string; readonly operation?: string }[]> {
  const options = { signal, environment: environment ?? undefined };
  if (service === null) return (await store.services(range, options)).map((one) => ({ service: one.service }));
  if (operation !== null) return [{ service, operation }];
  if (!hasOperations(groupBy, operation)) return [{ service }];
  const operations = await store.operations(service, range, options);
  return operations.map((one) => ({ service, operation: one.operation }));
}

/** True where each operation is watched by itself. */
function hasOperations(groupBy: readonly string[] | null, operation: string | null): boolean {
  return operation === null && (groupBy?.includes('operation') ?? false);
}

/** Sums by the minute have no finer grid. */
const GRID_MS = 60_000;

/**
 * The history is looked at once a window, the last time at its end: quantiles of overlapping windows cannot be put
 * together. Of a history that is shorter than one window, that one moment.
 */
function gridOf(windowMs: number, { range }: HistoryOptions) {
  const end = Math.floor(range.end / GRID_MS) * GRID_MS;
  const start = end - Math.max(1, Math.floor((end - range.start) / windowMs)) * windowMs;
  return { grid: { start: start + windowMs, stepMs: windowMs }, range: { start, end } };
}

function redStore({ red: store }: KindSources): NonNullable<KindSources['red']> {
  if (!store) throw invalid({ path: 'red', message: 'there is no store of spans here' });
  return store;
}
