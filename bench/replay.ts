/**
 * How long a service that was killed under full load takes until it is ready again, beside one that was stopped in
 * order, and how much of it the write-ahead log costs. Linux only. `npm run bench -- replay [--rounds 5]`
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { HttpLoad, Sender } from './measure/http-load.ts';
import { readOptions } from './measure/options.ts';
import { medianAndRange } from './measure/paired-rounds.ts';
import { processorSeconds } from './measure/process-figures.ts';
import { settle } from './measure/settle.ts';
import { markdownTable } from './measure/table.ts';
import { systemService } from './sides/system-service.ts';
import { removeFolder, temporaryFolder, workloadFolder } from './sides/temporary-folder.ts';
import { metricDataset } from './workload/metric-dataset.ts';
import { otlpRequests } from './workload/otlp-requests.ts';
import { REMOTE_WRITE_HEADERS } from './workload/remote-write-body.ts';

const OTLP_CONNECTIONS = 32;
const OTLP_HEADERS = { 'content-type': 'application/x-protobuf' };
const DRIFT = 3;
/** The load runs at least so long; then the next moment with almost as much waiting as ever before is the last one. */
const LOAD_MS = 6000;
const ALMOST = 0.9;

const options = readOptions({ rounds: 5, requests: 600, hours: 24 });
const ours = systemService();
const lanes = metricDataset(workloadFolder(), options.hours).lanes();
const spans = otlpRequests(workloadFolder(), 'spans', options.requests);
const logs = otlpRequests(workloadFolder(), 'logs', options.requests);

interface Replay {
  readonly waitingRows: number;
  readonly logMiB: number;
  readonly replayedRows: number;
  readonly readySeconds: number;
  readonly drainedSeconds: number;
  readonly cleanReadySeconds: number;
  /** Processor time until ready: on a busy machine it says more than the clock. */
  readonly work: number;
  readonly cleanWork: number;
}

const rounds: Replay[] = [];
for (let round = 0; round < options.rounds; round++) {
  console.error(`round ${round + 1} of ${options.rounds}`);
  rounds.push(await measureReplay());
}
report();
process.exit(0);

async function measureReplay(): Promise<Replay> {
  const root = temporaryFolder('replay');
  const dataDir = join(root, 'data');
  mkdirSync(dataDir);
  const { waitingRows, logMiB } = await killUnderLoad(dataDir);
  const began = performance.now();
  const restarted = await ours.start(dataDir);
  const readySeconds = (performance.now() - began) / 1000;
  const work = processorSeconds(restarted.pid);
  const replayedRows = (await restarted.report()).write_path.log!.replayed_rows;
  await restarted.drained();
  const drainedSeconds = (performance.now() - began) / 1000;
  await settle(restarted.pid);
  await restarted.stop();
  const cleanBegan = performance.now();
  const clean = await ours.start(dataDir);
  const cleanReadySeconds = (performance.now() - cleanBegan) / 1000;
  const cleanWork = processorSeconds(clean.pid);
  await clean.stop();
  removeFolder(root);
  return { waitingRows, logMiB, replayedRows, readySeconds, drainedSeconds, cleanReadySeconds, work, cleanWork };
}

/** All signals at once, until as much waits in the log as the service allows. */
async function killUnderLoad(dataDir: string): Promise<{ waitingRows: number; logMiB: number }> {
  const running = await ours.start(dataDir);
  const load = new HttpLoad(lanes.length + 2 * OTLP_CONNECTIONS);
  const to = (path: string, headers: Readonly<Record<string, string>>) => new Sender(load, running.url + path, headers);
  // Whatever is on its way at the kill fails; before it, nothing may.
  let killed = false;
  let over = false;
  const sending = Promise.all([
    to('/api/v1/write', REMOTE_WRITE_HEADERS).sendLanes(lanes, DRIFT),
    to('/v1/traces', OTLP_HEADERS).sendAll(spans, OTLP_CONNECTIONS),
    to('/v1/logs', OTLP_HEADERS).sendAll(logs, OTLP_CONNECTIONS),
  ]).then(
    () => {
      over = true;
    },
    (error: unknown) => {
      if (!killed) throw error;
    },
  );
  const began = performance.now();
  let most = 0;
  for (;;) {
    const { write_path } = await running.report();
    const waitingRows = write_path.tables.reduce((sum, { pending_rows }) => sum + pending_rows, 0);
    if (over) throw new Error('the load was over before the log was full: give more with --requests and --hours');
    if (performance.now() - began > LOAD_MS && waitingRows >= ALMOST * most) {
      killed = true;
      await running.kill();
      await sending;
      load.close();
      return { waitingRows, logMiB: write_path.log!.bytes / 1024 ** 2 };
    }
    most = Math.max(most, waitingRows);
    await pause(20);
  }
}

function report(): void {
  const row = (name: string, of: (replay: Replay) => number) => [name, medianAndRange(rounds.map(of))];
  console.log('\n## Start after a kill under full load\n');
  console.log(`Median (range) of ${options.rounds} rounds; remote write, spans and logs at once.\n`);
  console.log(
    markdownTable(
      ['', ours.name],
      [
        row('write-ahead log at the kill, MiB', ({ logMiB }) => logMiB),
        row('rows waiting in it just before', ({ waitingRows }) => waitingRows),
        row('rows found at the start', ({ replayedRows }) => replayedRows),
        row('start to ready, s', ({ readySeconds }) => readySeconds),
        row('start to ready after a stop in order, s', ({ cleanReadySeconds }) => cleanReadySeconds),
        row('share of the log, s', ({ readySeconds, cleanReadySeconds }) => readySeconds - cleanReadySeconds),
        row('processor time to ready, s', ({ work }) => work),
        row('of it for the log, s', ({ work, cleanWork }) => work - cleanWork),
        row('start until all is in the tables, s', ({ drainedSeconds }) => drainedSeconds),
      ],
    ),
  );
}
