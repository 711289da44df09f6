import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Why no real Prometheus can run here, or `undefined`; with CI=true a missing one fails. */
export function missingPrometheus(): string | undefined {
  try {
    execFileSync('prometheus', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    const message = 'the command "prometheus" is not installed (Debian: apt-get install prometheus)';
    if (process.env.CI === 'true') throw new Error(message);
    process.stderr.write(`SKIPPED: a real Prometheus: ${message}\n`);
    return message;
  }
}

export interface PrometheusServer {
  readonly address: string;
  /** Ends it at once (at SIGTERM it would try for a minute to deliver what waits) and removes its data. */
  stop(): Promise<void>;
}

/** Starts Prometheus with the configuration that `configure` makes of its own address, and with these features. */
export function startPrometheus(
  port: number,
  configure: (address: string) => string,
  features: readonly string[] = [],
): PrometheusServer {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  const address = `127.0.0.1:${port}`;
  const config = join(folder, 'prometheus.yml');
  writeFileSync(config, configure(address));
  const child: ChildProcess = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${address}`,
      ...features.map((feature) => `--enable-feature=${feature}`),
    ],
    { stdio: 'ignore' },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const reap = () => child.kill('SIGKILL');
  process.once('exit', reap);
  void exited.then(() => process.off('exit', reap));
  return {
    address,
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
