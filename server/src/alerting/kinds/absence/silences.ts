import { formatDuration } from '../../../lib/duration.ts';
import { invalid } from '../../../model/errors.ts';
import type { ServicePresence } from '../../../stores/telemetry/index.ts';
import { groupLabels } from '../logs/group-labels.ts';
import { logStore, selectionOf } from '../logs/logs.ts';
import { askPromql } from '../promql/promql.ts';
import type { History, HistoryOptions, KindSources, Look, Sample } from '../rule-kind.ts';
import { type AbsenceCondition, memoryOf, type Speaker } from './condition.ts';

type SeriesSpeaker = Extract<Speaker, { type: 'series' }>;

const MOST_GROUPS = 5000;
const SHORTEST_STEP_MS = 15_000;
const HISTORY_TIMEOUT_MS = 20_000;
/** How far what is known of a signal may lag behind it, milliseconds: see `RedStore.presence`. */
const LAG_MS: Readonly<Record<ServicePresence['signal'], number>> = {
  traces: 60_000,
  logs: 0,
  metrics: 600_000,
  container: 600_000,
};

/** Everything that has spoken within memory, and the seconds that it has been silent since. */
export async function silencesOf(
  { speaker, forMs }: AbsenceCondition,
  { now, signal, timeoutMs, groupBy }: Look,
  sources: KindSources,
): Promise<readonly Sample[]> {
  const range = { start: now - memoryOf(forMs), end: now };
  switch (speaker.type) {
    case 'series': {
      const { samples } = await askPromql(sources.promql, expressionOf(speaker, forMs), now, { signal, timeoutMs });
      return samples;
    }
    case 'logs': {
      const fields = groupBy ?? [];
      const options = {
        fields,
        stepMs: range.end - range.start,
        limit: MOST_GROUPS,
        pool: 'alerting',
        signal,
      } as const;
      const groups = await logStore(sources).groups(selectionOf(speaker.search, speaker.service, range), options);
      return groups.map(({ values, lastAt }) => ({
        labels: groupLabels(fields, values),
        value: Math.max(0, now - lastAt) / 1000,
      }));
    }
    case 'service': {
      const { service } = speaker;
      if (!sources.red) throw invalid({ path: 'service', message: 'there is no store of services here' });
      const seen = await sources.red.presence(range, { service, pool: 'alerting', ...(signal && { signal }) });
      if (seen.length === 0) return [];
      const lastAt = Math.max(...seen.map(({ lastSeen, signal: kind }) => lastSeen + LAG_MS[kind]));
      return [{ labels: { service }, value: Math.max(0, now - lastAt) / 1000 }];
    }
  }
}

/** Of each series within memory: the seconds that it must have been silent for, or 0 where it has spoken in them. */
function expressionOf({ expressions, isSelector }: SeriesSpeaker, forMs: number): string {
  const step = formatDuration(Math.max(SHORTEST_STEP_MS, Math.round(forMs / 5)));
  const present = (ms: number) => {
    const range = isSelector ? formatDuration(ms) : `${formatDuration(ms)}:${step}`;
    return expressions.map((one) => `present_over_time(${isSelector ? one : `(${one})`}[${range}])`).join(' or ');
  };
  return `((${present(memoryOf(forMs))}) unless (${present(forMs)})) * ${forMs / 1000} or (${present(forMs)}) * 0`;
}

export async function silencesHistory(
  { speaker, forMs }: AbsenceCondition,
  { range, stepMs, signal, groupBy }: HistoryOptions,
  sources: KindSources,
): Promise<History> {
  if (speaker.type !== 'series' || groupBy !== null) {
    const message = 'only the silence of single series has a history to be tested on';
    throw invalid({ path: groupBy === null ? 'absence' : 'group_by', message });
  }
  const limits = { timeoutMs: HISTORY_TIMEOUT_MS };
  const query = expressionOf(speaker, forMs);
  const { result } = await sources.promql.range(query, { ...range, step: stepMs }, { signal, limits });
  return { start: range.start, stepMs, series: result.series, absent: 'held' };
}
