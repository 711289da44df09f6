/**
 * Questions to a day of metrics, beside Prometheus and VictoriaMetrics (its cache of answers off): nineteen single
 * queries and a dashboard. Every side takes the day in once; then, round by round, each is started anew on its data.
 * Linux only. `npm run bench -- metrics [--rounds 5] [--repeats 2] [--seconds 8]`
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { differenceOf } from './measure/compare-answers.ts';
import { HttpLoad, Sender } from './measure/http-load.ts';
import { readOptions } from './measure/options.ts';
import { medianAndRange, pairedRatio } from './measure/paired-rounds.ts';
import { type DashboardFigures, measureQueries, type QueryFigures, type QueryRound } from './measure/query-round.ts';
import { interleave, presentSides } from './measure/rounds.ts';
import { settle } from './measure/settle.ts';
import { geometricMean, median } from './measure/statistics.ts';
import { figure, markdownTable } from './measure/table.ts';
import { prometheus } from './sides/prometheus.ts';
import type { Side } from './sides/side.ts';
import { systemService } from './sides/system-service.ts';
import { temporaryFolder, workloadFolder } from './sides/temporary-folder.ts';
import { victoriaMetrics } from './sides/victoria-metrics.ts';
import { metricDataset } from './workload/metric-dataset.ts';
import { metricQueries } from './workload/metric-queries.ts';
import { REMOTE_WRITE_HEADERS } from './workload/remote-write-body.ts';

/**
 * After a whole minute, seconds: no sample and no step of a subquery lies on the border of a range there, where
 * Prometheus 2 and 3 differ.
 */
const OFF_THE_GRID = 7.457;
const DRIFT = 3;

const DASHBOARD = [
  ['queries/s', 'higher', ({ queriesPerSecond }) => queriesPerSecond],
  ['median, ms', 'lower', ({ medianMs }) => medianMs],
  ['p99, ms', 'lower', ({ p99Ms }) => p99Ms],
  ['CPU ms a query', 'lower', ({ processorMs }) => processorMs],
  ['peak resident memory, MiB', 'lower', ({ peakMemoryMiB }) => peakMemoryMiB],
] as const satisfies readonly (readonly [string, 'higher' | 'lower', (figures: DashboardFigures) => number])[];

const options = readOptions({ rounds: 5, repeats: 2, seconds: 8, hours: 24, profile: '' });
const ours = systemService(options.profile === '' ? {} : { profileFolder: options.profile });
const reference = prometheus();
const uncached = victoriaMetrics();
const sides = presentSides([ours, reference, uncached]);
const dataset = metricDataset(workloadFolder(), options.hours);
const end = dataset.end / 1000 - 60 + OFF_THE_GRID;
const queries = metricQueries(end);

const root = temporaryFolder('metrics');
const folders = new Map(sides.map((side, index) => [side, join(root, String(index))]));
for (const side of sides) await fill(side);
const rounds = await interleave(sides, options, async (side) => {
  const running = await side.start(folders.get(side)!);
  try {
    await settle(running.pid);
    const suffix = side === uncached ? '&nocache=1' : '';
    return await measureQueries(running, queries, { end, seconds: options.seconds }, suffix);
  } finally {
    await running.stop();
  }
});
report(rounds);
process.exit(0);

async function fill(side: Side): Promise<void> {
  console.error(`${side.name} takes ${figure(dataset.samples)} samples in`);
  mkdirSync(folders.get(side)!, { recursive: true });
  const running = await side.start(folders.get(side)!);
  const lanes = dataset.lanes();
  const load = new HttpLoad(lanes.length);
  try {
    await new Sender(load, running.url + running.remoteWritePath, REMOTE_WRITE_HEADERS).sendLanes(lanes, DRIFT);
    await running.drained();
    await settle(running.pid);
  } finally {
    load.close();
    await running.stop();
  }
}

function report(results: ReadonlyMap<Side, readonly QueryRound[]>): void {
  const peers = sides.filter((side) => side !== ours);
  const of = (side: Side, index: number, figureOf: (query: QueryFigures) => number) =>
    results.get(side)!.map((round) => figureOf(round.queries[index]!));
  const warmRatio = (peer: Side, index: number) =>
    pairedRatio(
      of(ours, index, ({ warm }) => warm),
      of(peer, index, ({ warm }) => warm),
      'lower',
    );
  console.log(`\n## Questions to ${dataset.hours} h of ${dataset.series} series\n`);
  console.log(
    `Milliseconds: first run of the process / median of nine more / processor time; medians of ${options.rounds} rounds. VictoriaMetrics with nocache=1. Ratios: ours to theirs, warm.\n`,
  );
  const rows = queries.map(({ name }, index) => [
    name,
    `${figure(median(of(ours, index, ({ bytes }) => bytes)))}B`,
    ...sides.map((side) =>
      (['first', 'warm', 'processorMs'] as const)
        .map((field) => figure(median(of(side, index, (query) => query[field]))))
        .join(' / '),
    ),
    ...peers.map((peer) => `${warmRatio(peer, index).median.toFixed(2)}x`),
  ]);
  const ratioHeads = peers.map(({ name }) => `: ${name}`);
  console.log(markdownTable(['query', 'answer', ...sides.map(({ name }) => name), ...ratioHeads], rows));
  for (const peer of peers) {
    const means = results
      .get(ours)!
      .map((_, round) =>
        geometricMean(
          queries.map(
            (_query, index) =>
              of(ours, index, ({ warm }) => warm)[round]! / of(peer, index, ({ warm }) => warm)[round]!,
          ),
        ),
      );
    const ratios = queries.map(({ name }, index) => ({ name, ratio: warmRatio(peer, index).median }));
    const worst = ratios.reduce((a, b) => (b.ratio > a.ratio ? b : a));
    console.log(
      `\nOurs to ${peer.name}: geometric mean ${median(means).toFixed(2)}x, in the worst round ${Math.max(...means).toFixed(2)}x; ` +
        `worst query ${worst.ratio.toFixed(2)}x (${worst.name}).`,
    );
  }
  reportDashboard(results);
  reportAgreement(results);
}

function reportDashboard(results: ReadonlyMap<Side, readonly QueryRound[]>): void {
  const peers = sides.filter((side) => side !== ours);
  const rows = DASHBOARD.map(([name, better, figureOf]) => {
    const of = (side: Side) => results.get(side)!.map(({ dashboard }) => figureOf(dashboard));
    const ratio = (peer: Side) => pairedRatio(of(ours), of(peer), better);
    return [
      name,
      ...sides.map((side) => medianAndRange(of(side))),
      ...peers.map((peer) => `${ratio(peer).median.toFixed(2)}x (${ratio(peer).worst.toFixed(2)}x)`),
    ];
  });
  console.log(
    '\n## A dashboard: 8 panels, 4 clients, a window of 6 h that moves on\n\nRatios: median, and worst round.\n',
  );
  console.log(markdownTable(['', ...sides.map(({ name }) => name), ...peers.map(({ name }) => `: ${name}`)], rows));
  const foreign = sides.map((side) => Math.max(...results.get(side)!.map(({ foreignWork }) => foreignWork)));
  console.log(`\nOthers' work at worst: ${Math.round(100 * Math.max(...foreign))} % of a processor.`);
}

function reportAgreement(results: ReadonlyMap<Side, readonly QueryRound[]>): void {
  const theirs = results.get(reference)?.[0];
  if (theirs === undefined) return;
  const differences = queries.flatMap(({ name }, index) => {
    const difference = differenceOf(results.get(ours)![0]!.queries[index]!.answer, theirs.queries[index]!.answer);
    return difference === undefined ? [] : [`- ${name}: ${difference}`];
  });
  const agreeing = queries.length - differences.length;
  console.log(`\n${agreeing} of ${queries.length} answers agree with Prometheus' within 1e-9.`);
  for (const difference of differences) console.log(difference);
}
