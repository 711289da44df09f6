import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../server/src/app/free-port.ts';
import { folderBytes } from '../measure/folder-bytes.ts';
import { startChild, waitUntilReady } from './child.ts';
import { missingProgram, programVersion } from './program-version.ts';
import type { Side } from './side.ts';
import { removeFolder, temporaryFolder } from './temporary-folder.ts';

const LOOK_EVERY_MS = 3000;
const STEADY_LOOKS = 3;
const MOST_LOOKS = 30;

/** VictoriaMetrics, the single-node server. */
export function victoriaMetrics(): Side {
  const side: Side = {
    name: `VictoriaMetrics ${programVersion('victoria-metrics') ?? ''}`.trim(),
    promise: 'in memory: a kill takes the last seconds',
    missing: () => missingProgram('victoria-metrics'),
    start: async (given) => {
      const dataDir = given ?? temporaryFolder('victoria-metrics');
      const port = await freePort('127.0.0.1');
      const url = `http://127.0.0.1:${port}`;
      const child = startChild('victoria-metrics', [
        `-storageDataPath=${dataDir}`,
        `-httpListenAddr=127.0.0.1:${port}`,
        '-retentionPeriod=1',
        '-loggerLevel=WARN',
      ]);
      await waitUntilReady(`${url}/health`, child.process);
      const drained = async () => {
        await (await fetch(`${url}/internal/force_flush`)).arrayBuffer();
      };
      return {
        side,
        pid: child.pid,
        url,
        remoteWritePath: '/api/v1/write',
        dataDir,
        drained,
        dataBytes: async () => await steadyBytes(dataDir, drained),
        stop: async () => {
          await child.stop();
          if (given === undefined) removeFolder(dataDir);
        },
      };
    },
  };
  return side;
}

/** It writes its parts some seconds after a flush: the size counts once it has stopped to change. */
async function steadyBytes(folder: string, flush: () => Promise<void>): Promise<number> {
  let last = -1;
  let steady = 0;
  for (let look = 0; look < MOST_LOOKS && steady < STEADY_LOOKS; look++) {
    await flush();
    await pause(LOOK_EVERY_MS);
    const bytes = folderBytes(folder);
    steady = bytes === last ? steady + 1 : 0;
    last = bytes;
  }
  return last;
}
