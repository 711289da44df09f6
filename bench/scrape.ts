/**
 * Many targets scraped at once: processor time and memory of the service, and whether a scrape was missed or late.
 * Linux only. `npm run bench -- scrape [targets] [series of each] [seconds]`
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { apiOf } from '../tests/support/api.ts';
import { eventually } from '../tests/support/eventually.ts';
import { startTestService } from '../tests/support/service.ts';
import { ForeignWork, memoryMiB, processorSeconds } from './measure/process-figures.ts';

const INTERVAL_SECONDS = 15;
const [targets = 500, series = 1000, seconds = 120] = process.argv.slice(2).map(Number);
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const generator = spawn(
  process.execPath,
  [fileURLToPath(new URL('./scrape-targets.ts', import.meta.url)), String(series)],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
const port = await new Promise<string>((resolve) =>
  generator.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim())),
);
const folder = mkdtempSync(join(tmpdir(), 'bench-scrape-'));
const file = join(folder, 'system-service.yaml');
const groups = Array.from(
  { length: targets },
  (_, index) =>
    `      - {targets: ['127.0.0.1:${port}'], labels: {__metrics_path__: /${index}, instance: 'host-${index}'}}`,
);
writeFileSync(
  file,
  `scrape_configs:\n  - job_name: bench\n    scrape_interval: ${INTERVAL_SECONDS}s\n    static_configs:\n${groups.join('\n')}\n`,
);
const service = await startTestService({ env: { CONFIG_FILE: file, INGEST_MAX_SERIES: String(2 * targets * series) } });
try {
  const api = apiOf(service.url);
  const ask = async (query: string): Promise<number> => {
    const { body } = await api.get(`/api/v1/query?query=${encodeURIComponent(query)}`);
    return Number(body.data.result[0]?.value[1] ?? Number.NaN);
  };
  await eventually(
    async () => {
      if ((await ask('sum(up)')) !== targets) throw new Error(`${await ask('sum(up)')} of ${targets} targets are up`);
    },
    180_000,
    2000,
  );
  // New series are written and the code is compiled in the first rounds.
  await pause(2 * INTERVAL_SECONDS * 1000);
  const from = processorSeconds(service.pid);
  const foreign = new ForeignWork(service.pid);
  await pause(seconds * 1000);
  const share = (processorSeconds(service.pid) - from) / seconds;
  const others = foreign.share();
  const window = `${Math.floor(seconds / INTERVAL_SECONDS) * INTERVAL_SECONDS}s`;
  const rounds = Math.floor(seconds / INTERVAL_SECONDS);
  const least = await ask(`min(count_over_time(up[${window}]))`);
  const failed = await ask(`sum(count_over_time(up[${window}])) - sum(sum_over_time(up[${window}]))`);
  const slowest = await ask(`max(max_over_time(scrape_duration_seconds[${window}]))`);
  const samples = await ask(`sum(scrape_samples_scraped)`);
  console.log('| figure | measured |');
  console.log('|---|---|');
  console.log(`| samples a second | ${(samples / INTERVAL_SECONDS).toFixed(0)} |`);
  console.log(`| scrapes of the target that has the fewest, of ${rounds} | ${least} |`);
  console.log(`| failed scrapes, of ${rounds * targets} | ${failed} |`);
  console.log(`| slowest scrape | ${(slowest * 1000).toFixed(0)} ms |`);
  console.log(`| processor, one core | ${(share * 100).toFixed(0)} % |`);
  console.log(`| resident memory | ${memoryMiB(service.pid, 'VmRSS').toFixed(0)} MiB |`);
  console.log(`| of it anonymous | ${memoryMiB(service.pid, 'RssAnon').toFixed(0)} MiB |`);
  console.log(`| others on the machine, one core | ${(others * 100).toFixed(0)} % |`);
} finally {
  await service.stop();
  generator.kill();
  rmSync(folder, { recursive: true, force: true });
}
