import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingProgram, startDebianServer } from './debian-program.ts';

export const missingPrometheus = () => missingProgram('prometheus', 'a real Prometheus');

export interface PrometheusServer {
  readonly address: string;
  /** Ends it at once (at SIGTERM it would try for a minute to deliver what waits) and removes its data. */
  stop(): Promise<void>;
}

/**
 * Starts Prometheus with the configuration that `configure` makes of its own address, and with these features; it takes
 * remote write. Resolves once it is ready.
 */
export async function startPrometheus(
  port: number,
  configure: (address: string) => string,
  features: readonly string[] = [],
): Promise<PrometheusServer> {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  const address = `127.0.0.1:${port}`;
  const config = join(folder, 'prometheus.yml');
  writeFileSync(config, configure(address));
  const words = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--web.enable-remote-write-receiver',
    ...features.map((feature) => `--enable-feature=${feature}`),
  ];
  const server = await startDebianServer('prometheus', words, `http://${address}/-/ready`);
  return {
    address,
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
