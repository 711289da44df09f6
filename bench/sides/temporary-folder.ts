import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = new Set<string>();
process.on('exit', () => {
  for (const folder of folders) removeFolder(folder);
});
// The exit handlers, which also end children, run at a signal only where somebody listens.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

/** A folder that goes with this process at the latest. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `bench-${name}-`));
  folders.add(folder);
  return folder;
}

/** Where prepared requests lie: those of `npm run bench -- all` are made once for all of its benchmarks. */
export function workloadFolder(): string {
  ownWorkload ??= process.env.BENCH_WORKLOAD ?? temporaryFolder('workload');
  return ownWorkload;
}

let ownWorkload: string | undefined;

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  folders.delete(folder);
}
