import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../server/src/app/free-port.ts';
import { missingProgram, startDebianServer } from './debian-program.ts';

/** Debian's name of the program. */
const PROGRAM = 'prometheus-alertmanager';

export const missingAlertmanager = () => missingProgram(PROGRAM, 'a real Alertmanager');

export interface AlertmanagerServer {
  readonly pid: number;
  readonly url: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Alertmanager alone, without a cluster, with this configuration; resolves once it is ready. */
export async function startAlertmanager(config: string): Promise<AlertmanagerServer> {
  const folder = mkdtempSync(join(tmpdir(), 'alertmanager-'));
  const file = join(folder, 'alertmanager.yml');
  writeFileSync(file, config);
  const address = `127.0.0.1:${await freePort('127.0.0.1')}`;
  const words = [
    `--config.file=${file}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
    '--cluster.listen-address=',
    '--log.level=error',
  ];
  const { pid, stop } = await startDebianServer(PROGRAM, words, `http://${address}/-/ready`);
  return {
    pid,
    url: `http://${address}`,
    stop: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
