import { fileURLToPath } from 'node:url';
import { freePort } from '../../server/src/app/free-port.ts';
import { startChild, waitUntilReady } from './child.ts';
import type { Side } from './side.ts';
import { removeFolder, temporaryFolder } from './temporary-folder.ts';

const SERVER = fileURLToPath(new URL('./bare-otlp-server.ts', import.meta.url));

/** What Node and the engine can do at best: a receiver that only decodes and inserts. */
export function bareOtlp(): Side {
  const side: Side = {
    name: 'bare pipeline',
    promise: 'in the table, not synchronised: survives a kill; a power cut takes what the kernel had not written',
    missing: () => undefined,
    start: async () => {
      const dataDir = temporaryFolder('bare-otlp');
      const port = await freePort('127.0.0.1');
      const url = `http://127.0.0.1:${port}`;
      const child = startChild(process.execPath, [SERVER, dataDir, String(port)]);
      await waitUntilReady(url, child.process);
      return {
        side,
        pid: child.pid,
        url,
        remoteWritePath: '',
        dataDir,
        drained: async () => undefined,
        dataBytes: async () => Number(await (await fetch(url)).text()),
        stop: async () => {
          await child.stop();
          removeFolder(dataDir);
        },
      };
    },
  };
  return side;
}
