import { createIngestServer } from '../support/ingest-server.ts';
import { openControlTargets } from './control-targets.ts';
import { readCorpus } from './corpus.ts';
import { openGrpcTargets } from './grpc-target.ts';
import { mutate } from './mutate.ts';
import { Random } from './random.ts';
import { type Target, targetsOf } from './targets.ts';

export interface FuzzOptions {
  readonly runs: number;
  /** The same seed makes the same runs; run `n` of a seed does not depend on the runs before it. */
  readonly seed: number;
  /** Only this run. */
  readonly only?: number | undefined;
  readonly onProgress: (run: number) => void;
}

export interface FuzzReport {
  readonly runs: number;
  /** By target and what came of it. */
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly faults: readonly { readonly run: number; readonly target: string; readonly error: string }[];
  readonly slowestMs: number;
  /** Resident memory after a fifth of the runs, and the most after that; bytes. */
  readonly memory: { readonly settled: number; readonly most: number };
}

/** A payload is at most 128 KiB: whatever takes longer than this does not grow with its input as it should. */
const SLOW_MS = 3000;
const MOST_FAULTS = 20;
/** Now and then a header that does not fit the body. */
const WRONG_HEADERS: readonly Readonly<Record<string, string>>[] = [
  { 'content-encoding': 'gzip' },
  { 'content-encoding': 'zstd' },
  { 'content-encoding': 'snappy' },
  { 'content-type': 'application/json' },
  { 'content-type': 'application/x-protobuf' },
  { 'content-type': 'application/x-ndjson' },
  { 'content-type': 'text/plain; charset=utf-16' },
  { 'content-type': ';;' },
];

/** Changed payloads to every receiver: nothing crashes, hangs, grows, or answers what its protocol does not know. */
export async function runFuzz({ runs, seed, only, onProgress }: FuzzOptions): Promise<FuzzReport> {
  const server = await createIngestServer();
  const control = await openControlTargets();
  const corpus = readCorpus(process.env.CONFORMANCE_DIR);
  const grpc = await openGrpcTargets(server, corpus);
  const targets = [...targetsOf(server, corpus), ...control.targets, ...grpc.targets];
  const outcomes: Record<string, Record<string, number>> = {};
  const faults: { run: number; target: string; error: string }[] = [];
  const memory = { settled: 0, most: 0 };
  let slowestMs = 0;
  for (let run = only ?? 0; run < (only === undefined ? runs : only + 1) && faults.length < MOST_FAULTS; run++) {
    const random = new Random(seed * 1_000_003 + run);
    const target = random.pick(targets);
    const before = process.cpuUsage();
    try {
      const outcome = await sendOne(target, random);
      outcomes[target.name] ??= {};
      outcomes[target.name]![outcome] = (outcomes[target.name]![outcome] ?? 0) + 1;
    } catch (error) {
      faults.push({ run, target: target.name, error: (error as Error).stack ?? String(error) });
    }
    const { user, system } = process.cpuUsage(before);
    slowestMs = Math.max(slowestMs, (user + system) / 1000);
    if ((user + system) / 1000 > SLOW_MS) faults.push({ run, target: target.name, error: `took ${user + system} µs` });
    for (const list of Object.values(server.stored)) list.length = 0;
    if (run % 500 === 0) {
      onProgress(run);
      const { rss } = process.memoryUsage();
      if (run <= runs / 5) memory.settled = Math.max(memory.settled, rss);
      else memory.most = Math.max(memory.most, rss);
    }
  }
  await grpc.close();
  await server.app.close();
  await control.close();
  return { runs, outcomes, faults, slowestMs, memory };
}

async function sendOne({ payloads, send }: Target, random: Random): Promise<string> {
  const payload = mutate(random.pick(payloads), random.pick(payloads), random);
  const headers = random.chance(0.05) ? random.pick(WRONG_HEADERS) : {};
  return await send(payload, headers, random);
}
