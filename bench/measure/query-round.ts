import type { RunningSide } from '../sides/side.ts';
import { dashboardPaths, type MetricQuery } from '../workload/metric-queries.ts';
import { HttpLoad } from './http-load.ts';
import { ForeignWork, memoryMiB, processorSeconds, resetPeakMemory } from './process-figures.ts';
import { median, quantile } from './statistics.ts';

const WARM_RUNS = 9;
/** A query that takes longer is run three times only. */
const SLOW_MS = 4000;
const DASHBOARD_CLIENTS = 4;
/** Until our own compiler has seen enough of the HTTP client: else the side that comes first pays for it. */
const CLIENT_WARM_UP = 500;

export interface QueryFigures {
  /** Milliseconds of the first run since the start of the process. */
  readonly first: number;
  readonly warm: number;
  readonly processorMs: number;
  readonly bytes: number;
  readonly answer: Buffer;
}

export interface DashboardFigures {
  readonly queriesPerSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly processorMs: number;
  readonly peakMemoryMiB: number;
}

export interface QueryRound {
  readonly queries: readonly QueryFigures[];
  readonly dashboard: DashboardFigures;
  readonly foreignWork: number;
}

/** `suffix` is put behind every query: `&nocache=1`. */
export async function measureQueries(
  side: RunningSide,
  queries: readonly MetricQuery[],
  dashboard: { readonly end: number; readonly seconds: number },
  suffix: string,
): Promise<QueryRound> {
  const load = new HttpLoad(DASHBOARD_CLIENTS);
  try {
    for (let call = 0; call < CLIENT_WARM_UP; call++) await ask(load, `${side.url}/-/healthy`);
    const foreign = new ForeignWork(side.pid);
    const figures: QueryFigures[] = [];
    for (const { path } of queries) figures.push(await measureQuery(side, load, path + suffix));
    return { queries: figures, dashboard: await refresh(side, load, dashboard, suffix), foreignWork: foreign.share() };
  } finally {
    load.close();
  }
}

async function ask(load: HttpLoad, url: string): Promise<{ body: Buffer; milliseconds: number }> {
  const answer = await load.call(url);
  if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${answer.body.toString('utf8', 0, 300)}`);
  return answer;
}

async function measureQuery(side: RunningSide, load: HttpLoad, path: string): Promise<QueryFigures> {
  const processor = processorSeconds(side.pid);
  const first = await ask(load, side.url + path);
  const times: number[] = [];
  while (times.length < WARM_RUNS) {
    const { milliseconds } = await ask(load, side.url + path);
    times.push(milliseconds);
    if (times.length >= 3 && milliseconds > SLOW_MS) break;
  }
  return {
    first: first.milliseconds,
    warm: median(times),
    processorMs: (1000 * (processorSeconds(side.pid) - processor)) / (times.length + 1),
    bytes: first.body.length,
    answer: first.body,
  };
}

/** Every client asks for all panels again and again; each time the window has moved on by a minute. */
async function refresh(
  side: RunningSide,
  load: HttpLoad,
  { end, seconds }: { readonly end: number; readonly seconds: number },
  suffix: string,
): Promise<DashboardFigures> {
  resetPeakMemory(side.pid);
  const processor = processorSeconds(side.pid);
  const began = performance.now();
  const times: number[] = [];
  const client = async () => {
    for (let turn = 0; performance.now() - began < 1000 * seconds; turn++) {
      const now = end - 7200 + (turn % 100) * 60;
      for (const path of dashboardPaths(now)) times.push((await ask(load, side.url + path + suffix)).milliseconds);
    }
  };
  await Promise.all(Array.from({ length: DASHBOARD_CLIENTS }, client));
  return {
    queriesPerSecond: times.length / ((performance.now() - began) / 1000),
    medianMs: median(times),
    p99Ms: quantile(times, 0.99),
    processorMs: (1000 * (processorSeconds(side.pid) - processor)) / times.length,
    peakMemoryMiB: memoryMiB(side.pid, 'VmHWM'),
  };
}
