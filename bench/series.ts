/**
 * What many series cost in memory, and whether that stays bounded while series come and go: 100,000 active ones, a
 * tenth of them replaced every hour, the hours as fast as they are taken in (by the samples' timestamps). Linux only.
 * `npm run bench -- series [--series 100000] [--churn 0.1] [--hours 6] [--interval 60] [--only all|ours]`
 */
import { HttpLoad, Sender } from './measure/http-load.ts';
import { oneOf, readOptions } from './measure/options.ts';
import { memoryMiB } from './measure/process-figures.ts';
import { presentSides } from './measure/rounds.ts';
import { settle } from './measure/settle.ts';
import { figure, markdownTable } from './measure/table.ts';
import { prometheus } from './sides/prometheus.ts';
import type { RunningSide } from './sides/side.ts';
import { systemService } from './sides/system-service.ts';
import { victoriaMetrics } from './sides/victoria-metrics.ts';
import { ChurningSeries } from './workload/churning-series.ts';
import { REMOTE_WRITE_HEADERS } from './workload/remote-write-body.ts';

const SETTLE_WITHIN_MS = 30_000;

const options = readOptions({ series: 100_000, churn: 0.1, hours: 6, interval: 60, only: 'all', profile: '' });
const ours = systemService(options.profile === '' ? {} : { profileFolder: options.profile });
const peers = oneOf('only', options.only, ['all', 'ours']) === 'all' ? [prometheus(), victoriaMetrics()] : [];
const sides = presentSides([ours, ...peers]);
const now = Math.floor(Date.now() / 60_000) * 60_000;

/** Of one hour. */
interface Reading {
  readonly created: number;
  readonly residentMiB: number;
  readonly anonymousMiB: number;
  /** Anonymous memory more than before the first series, for each active one. */
  readonly bytesPerSeries: number;
}

const readings = new Map<string, Reading[]>();
for (const side of sides) {
  console.error(side.name);
  const running = await side.start();
  try {
    readings.set(side.name, await simulate(running));
  } finally {
    await running.stop();
  }
}
report();
process.exit(0);

async function simulate(side: RunningSide): Promise<Reading[]> {
  const fleet = new ChurningSeries(options.series, options.churn);
  const load = new HttpLoad(1);
  const sender = new Sender(load, side.url + side.remoteWritePath, REMOTE_WRITE_HEADERS);
  await settle(side.pid, SETTLE_WITHIN_MS);
  const before = memoryMiB(side.pid, 'RssAnon');
  const hours: Reading[] = [];
  try {
    for (let hour = 0; hour < options.hours; hour++) {
      const began = performance.now();
      for (let second = 0; second < 3600; second += options.interval) {
        const timestamp = now - 3_600_000 * (options.hours - hour) + 1000 * second;
        for (const request of fleet.scrape(timestamp, options.interval)) await sender.send(request);
      }
      const seconds = (performance.now() - began) / 1000;
      await side.drained();
      await settle(side.pid, SETTLE_WITHIN_MS);
      const anonymousMiB = memoryMiB(side.pid, 'RssAnon');
      const bytesPerSeries = ((anonymousMiB - before) * 1024 ** 2) / options.series;
      const residentMiB = memoryMiB(side.pid, 'VmRSS');
      hours.push({ created: fleet.created, residentMiB, anonymousMiB, bytesPerSeries });
      console.error(
        `  hour ${hour + 1}: ${seconds.toFixed(0)} s, ${residentMiB.toFixed(0)} MiB, ${figure(bytesPerSeries)} B a series`,
      );
    }
    return hours;
  } finally {
    load.close();
  }
}

function report(): void {
  const samples = options.series * (3600 / options.interval);
  console.log(
    `\n## ${figure(options.series)} active series, ${Math.round(100 * options.churn)} % replaced every hour\n`,
  );
  console.log(
    `One sample a series every ${options.interval} s, ${figure(samples)} an hour. Resident memory, MiB; of it anonymous; bytes of it for each active series (what the empty process had before is taken off).\n`,
  );
  const rows = Array.from({ length: options.hours }, (_, hour) => [
    String(hour + 1),
    figure(readings.get(ours.name)![hour]!.created),
    ...sides.map(({ name }) => {
      const { residentMiB, anonymousMiB, bytesPerSeries } = readings.get(name)![hour]!;
      return `${residentMiB.toFixed(0)} / ${anonymousMiB.toFixed(0)} / ${figure(bytesPerSeries)}`;
    }),
  ]);
  console.log(markdownTable(['hour', 'series so far', ...sides.map(({ name }) => name)], rows));
}
