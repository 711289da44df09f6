import { formatDuration } from '../../../lib/duration.ts';
import { invalid } from '../../../model/errors.ts';
import type { TimeRange } from '../../../model/time-range.ts';
import type { ServicePresence } from '../../../stores/telemetry/index.ts';
import { groupLabels } from '../logs/group-labels.ts';
import { logStore, selectionOf } from '../logs/logs.ts';
import { askPromql } from '../promql/promql.ts';
import type { History, HistoryOptions, KindSources, Look, Sample } from '../rule-kind.ts';
import { type AbsenceCondition, memoryOf, type Speaker } from './condition.ts';
import { pastSilences, type Spoken } from './past-silences.ts';

type SeriesSpeaker = Extract<Speaker, { type: 'series' }>;

const MOST_GROUPS = 5000;
const MOST_GROUPS_OF_HISTORY = 200;
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
  condition: AbsenceCondition,
  options: HistoryOptions,
  sources: KindSources,
): Promise<History> {
  const { speaker, forMs } = condition;
  if (speaker.type === 'series') return seriesHistory(speaker, forMs, options, sources);
  const { range, stepMs } = options;
  const memoryMs = memoryOf(forMs);
  const heard = { start: range.start - memoryMs, end: range.end };
  const spoken =
    speaker.type === 'logs'
      ? await spokenLogs(speaker, heard, options, sources)
      : await spokenService(speaker.service, heard, options, sources);
  const never = speaker.type === 'service' ? { service: speaker.service } : {};
  return pastSilences(spoken, { ...range, stepMs, memoryMs, never });
}

async function seriesHistory(
  speaker: SeriesSpeaker,
  forMs: number,
  { range, stepMs, signal, groupBy }: HistoryOptions,
  sources: KindSources,
): Promise<History> {
  const limits = { timeoutMs: HISTORY_TIMEOUT_MS };
  const grouped =
    groupBy === null
      ? ''
      : `min by (${groupBy.map((name) => (/^[a-zA-Z_]\w*$/.test(name) ? name : JSON.stringify(name))).join(', ')}) `;
  const query = `${grouped}(${expressionOf(speaker, forMs)})`;
  const { result } = await sources.promql.range(query, { ...range, step: stepMs }, { signal, limits });
  return { start: range.start, stepMs, series: result.series, absent: 'held' };
}

/** Ends of slots with records, of each group. */
async function spokenLogs(
  { search, service }: Extract<Speaker, { type: 'logs' }>,
  range: TimeRange,
  { stepMs, signal, groupBy }: HistoryOptions,
  sources: KindSources,
): Promise<Spoken[]> {
  const fields = groupBy ?? [];
  const options = { fields, stepMs, limit: MOST_GROUPS_OF_HISTORY, signal };
  const groups = await logStore(sources).groups(selectionOf(search, service, range), options);
  return groups.map(({ values, points }) => ({
    labels: groupLabels(fields, values),
    times: points.filter(([, count]) => count > 0).map(([slot]) => [slot + stepMs, slot + stepMs] as const),
  }));
}

async function spokenService(
  service: string,
  range: TimeRange,
  { stepMs, signal }: HistoryOptions,
  { red }: KindSources,
): Promise<Spoken[]> {
  if (!red) throw invalid({ path: 'service', message: 'there is no store of services here' });
  const seen = await red.pastPresence(service, range, stepMs, { signal });
  const times = seen.map(({ signal: kind, from, until }) => [from, until + LAG_MS[kind]] as const);
  return [{ labels: { service }, times: times.sort(([a], [b]) => a - b) }];
}
