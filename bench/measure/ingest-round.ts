import type { RunningSide } from '../sides/side.ts';
import type { PreparedRequest } from '../workload/request-file.ts';
import { folderBytes } from './folder-bytes.ts';
import { HttpLoad, Sender } from './http-load.ts';
import { ForeignWork, memoryMiB, processorSeconds, resetPeakMemory } from './process-figures.ts';
import { settle } from './settle.ts';

/** What is sent to a side, and how. */
export interface IngestWorkload {
  readonly path: (side: RunningSide) => string;
  readonly headers: Readonly<Record<string, string>>;
  /** Requests whose time and processor use do not count: code is compiled with the first ones. */
  readonly warmUp: readonly PreparedRequest[];
  readonly connections: number;
  send(sender: Sender): Promise<void>;
}

export interface IngestFigures {
  readonly itemsPerSecond: number;
  /** Seconds of processor time for a million items, until nothing is left to do. */
  readonly processorSecondsPerMillion: number;
  readonly peakMemoryMiB: number;
  readonly dataBytesPerItem: number;
  readonly folderBytesPerItem: number;
  readonly wireBytesPerItem: number;
  readonly refusals: number;
  /** Work of others while the load ran, share of one processor. */
  readonly foreignWork: number;
  /** False: it still worked long after the load had ended. */
  readonly settled: boolean;
}

/** Sends a workload to a side that has just started. */
export async function measureIngest(side: RunningSide, workload: IngestWorkload): Promise<IngestFigures> {
  const load = new HttpLoad(workload.connections);
  try {
    const url = side.url + workload.path(side);
    const warmUp = new Sender(load, url, workload.headers);
    await warmUp.sendAll(workload.warmUp, workload.connections);
    resetPeakMemory(side.pid);
    const sender = new Sender(load, url, workload.headers);
    const processor = processorSeconds(side.pid);
    const foreign = new ForeignWork(side.pid);
    const began = performance.now();
    await workload.send(sender);
    const seconds = (performance.now() - began) / 1000;
    const foreignWork = foreign.share();
    await side.drained();
    const settled = await settle(side.pid);
    const items = sender.acknowledged;
    const stored = items + warmUp.acknowledged;
    return {
      itemsPerSecond: items / seconds,
      processorSecondsPerMillion: (processorSeconds(side.pid) - processor) / (items / 1e6),
      peakMemoryMiB: memoryMiB(side.pid, 'VmHWM'),
      dataBytesPerItem: (await side.dataBytes()) / stored,
      folderBytesPerItem: folderBytes(side.dataDir) / stored,
      wireBytesPerItem: sender.sentBytes / items,
      refusals: sender.refusals,
      foreignWork,
      settled,
    };
  } finally {
    load.close();
  }
}
