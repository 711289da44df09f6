/**
 * What questions cost those who send: remote write at a steady rate, alone and with heavy PromQL, SQL and log searches
 * beside it, in pairs on one running service. Latencies count from the time at which a request was due.
 * `npm run bench -- contention [--rounds 5] [--seconds 10] [--rate 10]`
 */
import { setTimeout as pause } from 'node:timers/promises';
import { HttpLoad, Sender } from './measure/http-load.ts';
import { readOptions } from './measure/options.ts';
import { medianAndRange, pairedRatio } from './measure/paired-rounds.ts';
import { settle } from './measure/settle.ts';
import { quantile } from './measure/statistics.ts';
import { figure, markdownTable } from './measure/table.ts';
import type { RunningSide } from './sides/side.ts';
import { systemService } from './sides/system-service.ts';
import { workloadFolder } from './sides/temporary-folder.ts';
import { metricDataset } from './workload/metric-dataset.ts';
import { metricQueries } from './workload/metric-queries.ts';
import { otlpRequests } from './workload/otlp-requests.ts';
import { REMOTE_WRITE_HEADERS } from './workload/remote-write-body.ts';
import type { PreparedRequest } from './workload/request-file.ts';

const HOURS = 12;
const LOG_REQUESTS = 200;
const PROBE_EVERY_MS = 10;
const SAMPLES_A_REQUEST = 8000;

interface Phase {
  readonly itemsPerSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly worstMs: number;
  /** Of a request that has nothing to do: how long the event loop was busy with something else. */
  readonly probeP99Ms: number;
  readonly probeWorstMs: number;
  readonly questions: number;
}

const FIGURES = [
  ['samples/s acknowledged', 'higher', ({ itemsPerSecond }) => itemsPerSecond],
  ['acknowledgement, median ms', 'lower', ({ medianMs }) => medianMs],
  ['acknowledgement, p99 ms', 'lower', ({ p99Ms }) => p99Ms],
  ['acknowledgement, worst ms', 'lower', ({ worstMs }) => worstMs],
  ['idle request, p99 ms', 'lower', ({ probeP99Ms }) => probeP99Ms],
  ['idle request, worst ms', 'lower', ({ probeWorstMs }) => probeWorstMs],
] as const satisfies readonly (readonly [string, 'higher' | 'lower', (phase: Phase) => number])[];

const options = readOptions({ rounds: 5, seconds: 10, rate: 10, profile: '' });
const side = systemService(options.profile === '' ? {} : { profileFolder: options.profile });
const dataset = metricDataset(workloadFolder(), HOURS);
const requests = inTurn(dataset.lanes());
const perPhase = Math.ceil(options.seconds * options.rate);
const filling = requests.length - 2 * perPhase;
if (filling < 0) {
  console.error(`--seconds times --rate must be at most ${requests.length / 2}`);
  process.exit(2);
}
const alone: Phase[] = [];
const beside: Phase[] = [];
for (let round = 0; round < options.rounds; round++) await measureRound(round);
report();
process.exit(0);

/** The requests of all lanes, in the order of time. */
function inTurn(lanes: readonly (readonly PreparedRequest[])[]): PreparedRequest[] {
  const longest = Math.max(...lanes.map(({ length }) => length));
  return Array.from({ length: longest }, (_, turn) => lanes.flatMap((lane) => lane[turn] ?? [])).flat();
}

async function measureRound(round: number): Promise<void> {
  const running = await side.start();
  try {
    await fill(running);
    const parts = [requests.slice(filling, filling + perPhase), requests.slice(filling + perPhase)];
    const order = round % 2 === 0 ? [alone, beside] : [beside, alone];
    for (const [index, phases] of order.entries()) {
      const phase = await measurePhase(running, parts[index]!, phases === beside);
      console.error(
        `round ${round + 1} of ${options.rounds}, ${phases === beside ? `${phase.questions} questions beside` : 'alone'}: ` +
          `${figure(phase.itemsPerSecond)}/s, p99 ${figure(phase.p99Ms)} ms, idle request ${figure(phase.probeP99Ms)} ms, at worst ${figure(phase.probeWorstMs)} ms`,
      );
      phases.push(phase);
    }
  } finally {
    await running.stop();
  }
}

async function fill(running: RunningSide): Promise<void> {
  const load = new HttpLoad(4);
  try {
    const metrics = new Sender(load, running.url + running.remoteWritePath, REMOTE_WRITE_HEADERS);
    await metrics.sendAll(requests.slice(0, filling), 4);
    const logs = new Sender(load, `${running.url}/v1/logs`, { 'content-type': 'application/x-protobuf' });
    await logs.sendAll(otlpRequests(workloadFolder(), 'logs', LOG_REQUESTS), 4);
    await running.drained();
    await settle(running.pid, 30_000);
  } finally {
    load.close();
  }
}

async function measurePhase(running: RunningSide, part: readonly PreparedRequest[], isAsked: boolean): Promise<Phase> {
  const load = new HttpLoad(64);
  const stopping = new AbortController();
  try {
    const questions = isAsked ? askAll(running.url, stopping.signal) : Promise.resolve(0);
    // The first answers are being made when the measurement begins.
    await pause(500);
    const probes = probe(running.url, stopping.signal);
    const sender = new Sender(load, running.url + running.remoteWritePath, REMOTE_WRITE_HEADERS);
    const began = performance.now();
    const latencies = await Promise.all(
      part.map(async (request, index) => {
        const due = began + (1000 * index) / options.rate;
        await pause(Math.max(0, due - performance.now()));
        await sender.send(request);
        return performance.now() - due;
      }),
    );
    const seconds = (performance.now() - began) / 1000;
    stopping.abort();
    const waits = await probes;
    return {
      itemsPerSecond: sender.acknowledged / seconds,
      medianMs: quantile(latencies, 0.5),
      p99Ms: quantile(latencies, 0.99),
      worstMs: Math.max(...latencies),
      probeP99Ms: quantile(waits, 0.99),
      probeWorstMs: Math.max(...waits),
      questions: await questions,
    };
  } finally {
    stopping.abort();
    load.close();
  }
}

async function probe(url: string, signal: AbortSignal): Promise<number[]> {
  const load = new HttpLoad(1);
  const waits: number[] = [];
  while (!signal.aborted) {
    waits.push((await load.call(`${url}/health/live`)).milliseconds);
    await pause(PROBE_EVERY_MS);
  }
  load.close();
  return waits;
}

/** One client each asks for PromQL, SQL and logs, one question after the other; resolves with their number. */
async function askAll(url: string, signal: AbortSignal): Promise<number> {
  const end = dataset.end / 1000 - 60;
  const promql = metricQueries(end).map(({ path }) => ({ path: `${path}${path.includes('?') ? '&' : '?'}nocache=1` }));
  const sql = [
    'SELECT metric, series, count(), avg(value), quantile(0.95)(value) FROM metric_samples GROUP BY metric, series ORDER BY 5 DESC LIMIT 100',
    'SELECT ServiceName, toStartOfMinute(Timestamp) AS minute, count() FROM otel_logs GROUP BY ALL ORDER BY 3 DESC LIMIT 1000',
    "SELECT Body FROM otel_logs WHERE match(Body, '[0-9a-f]{8}') ORDER BY Timestamp DESC LIMIT 5000",
  ].map((query) => ({ path: '/api/query', body: JSON.stringify({ language: 'sql', query }) }));
  const logs = ['error', 'timeout OR refused', 'service:* -error'].map((query) => ({
    path: `/api/logs/search?limit=1000&start=now-30d&q=${encodeURIComponent(query)}`,
  }));
  const counts = await Promise.all([promql, sql, logs].map((questions) => askInTurn(url, questions, signal)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function askInTurn(
  url: string,
  questions: readonly { readonly path: string; readonly body?: string }[],
  signal: AbortSignal,
): Promise<number> {
  const load = new HttpLoad(1);
  let asked = 0;
  for (; !signal.aborted; asked++) {
    const { path, body } = questions[asked % questions.length]!;
    const call = body === undefined ? {} : { method: 'POST', body: Buffer.from(body) };
    const answer = await load.call(url + path, { ...call, headers: { 'content-type': 'application/json' } });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.body.toString('utf8', 0, 300)}`);
  }
  load.close();
  return asked;
}

function report(): void {
  console.log(
    `\n## Remote write at ${figure(options.rate * SAMPLES_A_REQUEST)} samples/s, alone and beside PromQL, SQL and log searches\n`,
  );
  console.log(`Median (range) of ${options.rounds} rounds; ratio: median, and worst round.\n`);
  const rows = FIGURES.map(([name, better, of]) => {
    const ratio = pairedRatio(beside.map(of), alone.map(of), better);
    return [
      name,
      medianAndRange(alone.map(of)),
      medianAndRange(beside.map(of)),
      `${ratio.median.toFixed(2)}x (${ratio.worst.toFixed(2)}x)`,
    ];
  });
  console.log(markdownTable(['', 'alone', 'beside questions', 'ratio'], rows));
  console.log(`\nQuestions answered meanwhile: ${medianAndRange(beside.map(({ questions }) => questions))}.`);
}
