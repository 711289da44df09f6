import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { IngestReport } from '../../server/src/api/contract/ingest.ts';
import type { Storage } from '../../server/src/api/contract/storage.ts';
import { startTestService } from '../../tests/support/service.ts';
import type { RunningSide, Side } from './side.ts';
import { removeFolder, temporaryFolder } from './temporary-folder.ts';

/** As people start it: `npm start` replaces its shell, so that the process measured is the service. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as { scripts: { start: string } };
const READY_WITHIN_MS = 120_000;
const DRAIN_WITHIN_MS = 300_000;

export interface SystemServiceOptions {
  /** What an answer waits for; default the write-ahead log. */
  readonly acknowledge?: 'log' | 'store';
  /** When the log is synchronised with the disk; default every second. */
  readonly fsync?: '1s' | 'always';
  /** Node writes a profile of the processor into this folder when the service stops. */
  readonly profileFolder?: string;
}

interface RunningService extends RunningSide {
  /** What it says of the way in. */
  report(): Promise<IngestReport>;
  /** SIGKILL; the data stay. */
  kill(): Promise<void>;
}

interface SystemServiceSide extends Side {
  start(dataDir?: string): Promise<RunningService>;
}

/** Our service, from its sources, with the settings that people get without choosing. */
export function systemService(options: SystemServiceOptions = {}): SystemServiceSide {
  const { acknowledge = 'log', fsync = '1s', profileFolder } = options;
  const profiling = profileFolder === undefined ? '' : `node --cpu-prof --cpu-prof-dir='${profileFolder}' `;
  const start = profileFolder === undefined ? scripts.start : scripts.start.replace('node ', profiling);
  const side: SystemServiceSide = {
    name: 'System Service',
    promise: promiseOf(acknowledge, fsync),
    missing: () => undefined,
    start: async (given) => {
      const dataDir = given ?? temporaryFolder('system-service');
      const starting = startTestService({
        dataDir,
        env: {
          INGEST_ACKNOWLEDGE: acknowledge,
          INGEST_FSYNC: fsync,
          RETENTION_METRICS: '30d',
          RETENTION_LOGS: '30d',
          RETENTION_TRACES: '30d',
        },
        command: ['sh', '-c', `cd '${ROOT}' && ${start}`],
      });
      const service = await within(READY_WITHIN_MS, starting, 'the service did not become ready');
      const reap = () => process.kill(service.pid, 'SIGKILL');
      // Before the handler that removes its folder.
      process.prependOnceListener('exit', reap);
      const read = async <T>(path: string) => {
        const answer = await fetch(`${service.url}${path}`).catch((cause: unknown) => {
          throw new Error(`the service does not answer; its last words:\n${service.output().slice(-2000)}`, { cause });
        });
        return (await answer.json()) as T;
      };
      const report = () => read<IngestReport>('/api/monitoring/ingest');
      return {
        side,
        pid: service.pid,
        url: service.url,
        remoteWritePath: '/api/v1/write',
        dataDir,
        report,
        drained: async () => {
          const deadline = performance.now() + DRAIN_WITHIN_MS;
          for (;;) {
            const { write_path } = await report();
            const pending = write_path.tables.reduce((sum, table) => sum + table.pending_rows, 0);
            // The own host is measured every few seconds and always leaves some rows on their way.
            if (pending < 2000) return;
            if (performance.now() > deadline) throw new Error(`${pending} rows still wait for their tables`);
            await pause(250);
          }
        },
        dataBytes: async () => (await read<Storage>('/api/monitoring/storage')).bytes,
        kill: async () => {
          process.off('exit', reap);
          await service.kill();
        },
        stop: async () => {
          process.off('exit', reap);
          await service.stop();
          if (given === undefined) removeFolder(dataDir);
        },
      };
    },
  };
  return side;
}

function promiseOf(acknowledge: 'log' | 'store', fsync: '1s' | 'always'): string {
  if (acknowledge === 'store') return 'in the table, synchronised: survives a kill and a power cut';
  if (fsync === 'always') return 'in the log, synchronised: survives a kill and a power cut';
  return 'in the log, synchronised every second: survives a kill; a power cut takes at most 1 s';
}

async function within<T>(milliseconds: number, promise: Promise<T>, message: string): Promise<T> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new Error(`${message} in ${milliseconds / 1000} s`)), milliseconds);
  try {
    return await Promise.race([promise, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
