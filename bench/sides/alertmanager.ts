import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../server/src/app/free-port.ts';
import { startChild, waitUntilReady } from './child.ts';
import { missingProgram } from './program-version.ts';
import { removeFolder, temporaryFolder } from './temporary-folder.ts';

/** Debian's name of the program. */
const PROGRAM = 'prometheus-alertmanager';

export const missingAlertmanager = () => missingProgram(PROGRAM);

export interface RunningAlertmanager {
  readonly pid: number;
  readonly url: string;
  stop(): Promise<void>;
}

/** Alertmanager alone, without a cluster, with this configuration. */
export async function startAlertmanager(config: string): Promise<RunningAlertmanager> {
  const folder = temporaryFolder('alertmanager');
  const file = join(folder, 'alertmanager.yml');
  writeFileSync(file, config);
  const port = await freePort('127.0.0.1');
  const url = `http://127.0.0.1:${port}`;
  const child = startChild(PROGRAM, [
    `--config.file=${file}`,
    `--storage.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
    '--log.level=error',
  ]);
  await waitUntilReady(`${url}/-/ready`, child.process);
  return {
    pid: child.pid,
    url,
    stop: async () => {
      await child.stop();
      removeFolder(folder);
    },
  };
}
