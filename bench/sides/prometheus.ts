import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../server/src/app/free-port.ts';
import { folderBytes } from '../measure/folder-bytes.ts';
import { startChild, waitUntilReady } from './child.ts';
import { missingProgram, programVersion } from './program-version.ts';
import type { Side } from './side.ts';
import { removeFolder, temporaryFolder } from './temporary-folder.ts';

/** Prometheus as a receiver of remote write, scraping nothing. */
export function prometheus(): Side {
  const side: Side = {
    name: `Prometheus ${programVersion('prometheus') ?? ''}`.trim(),
    promise: 'in its log, not synchronised: survives a kill; a power cut takes what the kernel had not written',
    missing: () => missingProgram('prometheus'),
    start: async (given) => {
      const dataDir = given ?? temporaryFolder('prometheus');
      const config = join(dataDir, 'prometheus.yml');
      const storage = join(dataDir, 'tsdb');
      writeFileSync(config, 'global: {scrape_interval: 15s}\n');
      const port = await freePort('127.0.0.1');
      const url = `http://127.0.0.1:${port}`;
      const child = startChild('prometheus', [
        `--config.file=${config}`,
        `--storage.tsdb.path=${storage}`,
        '--storage.tsdb.retention.time=30d',
        `--web.listen-address=127.0.0.1:${port}`,
        '--web.enable-remote-write-receiver',
        '--web.enable-admin-api',
        '--log.level=warn',
      ]);
      await waitUntilReady(`${url}/-/ready`, child.process);
      return {
        side,
        pid: child.pid,
        url,
        remoteWritePath: '/api/v1/write',
        dataDir: storage,
        drained: async () => undefined,
        dataBytes: async () => await snapshotBytes(url, storage),
        stop: async () => {
          await child.stop();
          if (given === undefined) removeFolder(dataDir);
        },
      };
    },
  };
  return side;
}

/** A snapshot is its blocks with their indexes, the head written as one too, and no log. */
async function snapshotBytes(url: string, storage: string): Promise<number> {
  const answer = await fetch(`${url}/api/v1/admin/tsdb/snapshot`, { method: 'POST' });
  if (!answer.ok) throw new Error(`Prometheus makes no snapshot: ${answer.status} ${await answer.text()}`);
  const { data } = (await answer.json()) as { data: { name: string } };
  const folder = join(storage, 'snapshots', data.name);
  const bytes = folderBytes(folder);
  rmSync(folder, { recursive: true, force: true });
  return bytes;
}
