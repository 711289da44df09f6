import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../../server/src/app/free-port.ts';
import type { SeriesSamples } from '../../../server/src/model/metric.ts';

const run = promisify(execFile);

export interface PrometheusServer {
  readonly url: string;
  readonly version: string;
  stop(): Promise<void>;
}

/** Why no Prometheus can be started here; nothing where one can. */
export async function prometheusMissing(): Promise<string | undefined> {
  try {
    await Promise.all([run('promtool', ['--version']), run('prometheus', ['--version'])]);
    return undefined;
  } catch {
    return 'prometheus and promtool are not installed';
  }
}

/** A real Prometheus with these samples, in a folder of its own. */
export async function startPrometheus(series: readonly SeriesSamples[]): Promise<PrometheusServer> {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-'));
  const data = join(folder, 'data');
  await writeFile(join(folder, 'samples.om'), openMetricsOf(series));
  await writeFile(join(folder, 'prometheus.yml'), 'scrape_configs: []\n');
  await run('promtool', ['tsdb', 'create-blocks-from', 'openmetrics', join(folder, 'samples.om'), data]);
  const port = await freePort('127.0.0.1');
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${data}`,
      '--storage.tsdb.retention.time=100y',
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=promql-at-modifier,promql-negative-offset',
      '--log.level=error',
    ],
    { stdio: 'ignore' },
  );
  const reap = () => child.kill('SIGKILL');
  process.once('exit', reap);
  const stop = async () => {
    process.off('exit', reap);
    await stopped(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { url, version: await readyVersion(url, child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

async function readyVersion(url: string, child: ChildProcess): Promise<string> {
  for (let tries = 0; tries < 300 && child.exitCode === null; tries++) {
    const isReady = await fetch(`${url}/-/ready`).then(
      (reply) => reply.ok,
      () => false,
    );
    if (isReady) {
      const reply = await fetch(`${url}/api/v1/status/buildinfo`);
      return ((await reply.json()) as { data: { version: string } }).data.version;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('Prometheus did not become ready');
}

/** Lines ordered by time, as blocks are made from them. */
function openMetricsOf(series: readonly SeriesSamples[]): string {
  const lines: string[] = [];
  for (const { name, labels, timestamps, values } of series) {
    const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    for (let i = 0; i < timestamps.length; i++) {
      lines.push(`${name}{${pairs.join(',')}} ${values[i]} ${timestamps[i]! / 1000}`);
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
}
