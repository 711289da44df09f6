import { formatDuration } from '../../../lib/duration.ts';
import { invalid, ServiceError } from '../../../model/errors.ts';
import type { LogFilter } from '../../../model/log-filter.ts';
import { parseSearch } from '../../../query/search/index.ts';
import type { Comparison } from '../../rules/alert-rule.ts';
import type { KindSources, RuleKind } from '../rule-kind.ts';
import { groupLabels } from './group-labels.ts';
import { slidingSums, slotOf } from './sliding-sums.ts';

/** How many log records of a search came in a window. */
export interface LogsCondition {
  readonly kind: 'logs';
  readonly search: string;
  readonly service: string | null;
  readonly windowMs: number;
  readonly comparison: Comparison;
}

const DEFAULT_WINDOW_MS = 300_000;
const MOST_GROUPS = 5000;
const MOST_GROUPS_OF_HISTORY = 200;

export const logs: RuleKind<LogsCondition> = {
  name: 'logs',
  raisedBy: 'data',
  fields: ['query', 'window', 'threshold'],
  claims: ({ queryLanguage }) => queryLanguage === 'logs',

  prepare({ query, service, windowMs }, { comparison }) {
    if (!query) throw invalid({ path: 'query', message: 'say which log records: a log search such as level:error' });
    parseLogSearch(query);
    const compared = comparison();
    if (!compared) throw invalid({ path: 'threshold', message: 'say from how many log records in the window on' });
    const window = windowMs ?? DEFAULT_WINDOW_MS;
    return { condition: { kind: 'logs', search: query, service, windowMs: window, comparison: compared }, query };
  },

  async ask({ search, service, windowMs }, { now, signal, groupBy }, sources) {
    const fields = groupBy ?? [];
    const selection = selectionOf(search, service, { start: now - windowMs, end: now });
    const options = { fields, stepMs: windowMs, limit: MOST_GROUPS, pool: 'alerting', signal } as const;
    const groups = await logStore(sources).groups(selection, options);
    const samples = groups.map(({ values, count }) => ({ labels: groupLabels(fields, values), value: count }));
    if (fields.length === 0 && samples.length === 0) samples.push({ labels: {}, value: 0 });
    return { samples, absent: 0 };
  },

  async history({ search, service, windowMs }, { range, stepMs, signal, groupBy }, sources) {
    const fields = groupBy ?? [];
    const grid = slotOf(range, windowMs, stepMs);
    const selection = selectionOf(search, service, { start: grid.start - windowMs, end: range.end });
    const options = { fields, stepMs: grid.slotMs, limit: MOST_GROUPS_OF_HISTORY, signal };
    const groups = await logStore(sources).groups(selection, options);
    // Nothing at all was nothing all the time.
    if (fields.length === 0 && groups.length === 0) groups.push({ values: [], count: 0, lastAt: 0, points: [] });
    const series = groups.map(({ values, points }) => ({
      labels: groupLabels(fields, values),
      ...slidingSums(points, grid, range.end),
    }));
    return { start: grid.start, stepMs: grid.stepMs, series };
  },

  describe: ({ search, service, windowMs }) =>
    `log records${service === null ? '' : ` of ${service}`} in ${formatDuration(windowMs)}: ${search}`,
};

/** The search as a filter. Throws 422 for the path `query`. */
export function parseLogSearch(search: string): LogFilter {
  try {
    return parseSearch(search);
  } catch (error) {
    if (!(error instanceof ServiceError) || error.issues.length === 0) throw error;
    throw invalid(...error.issues.map(({ message }) => ({ path: 'query', message })));
  }
}

export function selectionOf(search: string, service: string | null, range: { start: number; end: number }) {
  return { range, ...(service !== null && { service }), filter: parseLogSearch(search) };
}

export function logStore({ logs: store }: KindSources): NonNullable<KindSources['logs']> {
  if (!store) throw invalid({ path: 'query_language', message: 'there is no log store here' });
  return store;
}
