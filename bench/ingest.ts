/**
 * What it costs to take data in, beside the peers: remote write against Prometheus and VictoriaMetrics, OTLP spans and
 * logs against the bare pipeline. Every round starts each side anew in an empty folder. Linux only.
 * `npm run bench -- ingest [--rounds 5] [--repeats 2] [--only remote-write|spans|logs] [--requests 600] [--hours 24] [--fsync 1s|always] [--acknowledge log|store]`
 */
import { type IngestFigures, type IngestWorkload, measureIngest } from './measure/ingest-round.ts';
import { oneOf, readOptions } from './measure/options.ts';
import { medianAndRange, pairedRatio } from './measure/paired-rounds.ts';
import { interleave, presentSides } from './measure/rounds.ts';
import { figure, markdownTable } from './measure/table.ts';
import { bareOtlp } from './sides/bare-otlp.ts';
import { prometheus } from './sides/prometheus.ts';
import type { Side } from './sides/side.ts';
import { systemService } from './sides/system-service.ts';
import { workloadFolder } from './sides/temporary-folder.ts';
import { victoriaMetrics } from './sides/victoria-metrics.ts';
import { metricDataset } from './workload/metric-dataset.ts';
import { type OtlpSignal, otlpRequests } from './workload/otlp-requests.ts';
import { REMOTE_WRITE_HEADERS } from './workload/remote-write-body.ts';

const OTLP_CONNECTIONS = 64;
const WARM_UP_REQUESTS = 50;
/** So far apart the connections of remote write may be, requests: samples stay inside Prometheus' window of order. */
const DRIFT = 3;

const options = readOptions({
  rounds: 5,
  repeats: 2,
  only: 'all',
  requests: 600,
  hours: 24,
  fsync: '1s',
  acknowledge: 'log',
  profile: '',
});
const only = oneOf('only', options.only, ['all', 'remote-write', 'spans', 'logs']);
const ours = systemService({
  fsync: oneOf('fsync', options.fsync, ['1s', 'always']),
  acknowledge: oneOf('acknowledge', options.acknowledge, ['log', 'store']),
  ...(options.profile !== '' && { profileFolder: options.profile }),
});

function remoteWrite(): { title: string; workload: IngestWorkload } {
  const dataset = metricDataset(workloadFolder(), options.hours);
  const lanes = dataset.lanes();
  const requests = lanes.reduce((sum, lane) => sum + lane.length, 0);
  return {
    title: `Remote write: ${dataset.series} series x ${dataset.hours} h x 15 s, ${figure(dataset.samples)} samples in ${requests} requests, ${lanes.length} connections`,
    workload: {
      path: (side) => side.remoteWritePath,
      headers: REMOTE_WRITE_HEADERS,
      warmUp: [],
      connections: lanes.length,
      send: (sender) => sender.sendLanes(lanes, DRIFT),
    },
  };
}

function otlp(signal: OtlpSignal): { title: string; workload: IngestWorkload } {
  const all = otlpRequests(workloadFolder(), signal, WARM_UP_REQUESTS + options.requests);
  return {
    title: `OTLP/HTTP, ${signal} in protobuf: ${options.requests} requests of 1000, ${OTLP_CONNECTIONS} connections`,
    workload: {
      path: () => (signal === 'spans' ? '/v1/traces' : '/v1/logs'),
      headers: { 'content-type': 'application/x-protobuf' },
      warmUp: all.slice(0, WARM_UP_REQUESTS),
      connections: OTLP_CONNECTIONS,
      send: (sender) => sender.sendAll(all.slice(WARM_UP_REQUESTS), OTLP_CONNECTIONS),
    },
  };
}

const FIGURES = [
  ['items/s acknowledged', 'higher', (round) => round.itemsPerSecond],
  ['CPU s per million items, settled', 'lower', (round) => round.processorSecondsPerMillion],
  ['peak resident memory, MiB', 'lower', (round) => round.peakMemoryMiB],
  ['bytes/item on disk, data', 'lower', (round) => round.dataBytesPerItem],
  ['bytes/item on disk, whole folder', 'lower', (round) => round.folderBytesPerItem],
] as const satisfies readonly (readonly [string, 'higher' | 'lower', (round: IngestFigures) => number])[];

async function compare(title: string, peers: readonly Side[], workload: IngestWorkload): Promise<void> {
  console.error(`\n${title}`);
  const sides = presentSides([ours, ...peers]);
  const results = await interleave(sides, options, async (side) => {
    const running = await side.start();
    try {
      const figures = await measureIngest(running, workload);
      console.error(`  ${figure(figures.itemsPerSecond)}/s, ${figure(figures.processorSecondsPerMillion)} CPU s/M`);
      return figures;
    } finally {
      await running.stop();
    }
  });
  const ofSide = (side: Side, of: (round: IngestFigures) => number) => results.get(side)!.map(of);
  const rows = FIGURES.map(([name, , of]) => [name, ...sides.map((side) => medianAndRange(ofSide(side, of)))]);
  const most = (of: (round: IngestFigures) => number) => sides.map((side) => figure(Math.max(...ofSide(side, of))));
  console.log(`\n## ${title}\n\nMedian (range) of ${options.rounds} rounds.\n`);
  console.log(
    markdownTable(
      ['', ...sides.map(({ name }) => name)],
      [
        ...rows,
        ['bytes/item on the wire', ...most((round) => round.wireBytesPerItem)],
        ['requests refused and repeated', ...most((round) => round.refusals)],
        ["others' work at worst, % of a processor", ...most((round) => Math.round(100 * round.foreignWork))],
        ['an answer means', ...sides.map(({ promise }) => promise)],
      ],
    ),
  );
  const restless = sides.filter((side) => results.get(side)!.some(({ settled }) => !settled));
  for (const { name } of restless) console.log(`\n${name} had not come to rest two minutes after the load.`);
  if (sides.length > 1) console.log(`\n${ratios(results)}`);
}

function ratios(results: ReadonlyMap<Side, readonly IngestFigures[]>): string {
  const peers = [...results.keys()].filter((side) => side !== ours);
  const rows = FIGURES.map(([name, better, of]) => [
    `${name} (${better} is better)`,
    ...peers.map((peer) => {
      const ratio = pairedRatio(results.get(ours)!.map(of), results.get(peer)!.map(of), better);
      return `${ratio.median.toFixed(2)}x (${ratio.worst.toFixed(2)}x)`;
    }),
  ]);
  return `Ours to theirs: median of the rounds' ratios, and the round that was worst for us.\n\n${markdownTable(
    ['', ...peers.map(({ name }) => name)],
    rows,
  )}`;
}

if (only === 'all' || only === 'remote-write') {
  const { title, workload } = remoteWrite();
  await compare(title, [prometheus(), victoriaMetrics()], workload);
}
for (const signal of ['spans', 'logs'] as const) {
  if (only !== 'all' && only !== signal) continue;
  const { title, workload } = otlp(signal);
  await compare(title, [bareOtlp()], workload);
}
process.exit(0);
