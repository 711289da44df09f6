import { Worker } from 'node:worker_threads';

/** What can go wrong on demand. */
export const FAULTS = ['slow', 'errors', 'cpu', 'memory'] as const;
export type Fault = (typeof FAULTS)[number];

const SLOW_BY_MS = 900;
const ERROR_SHARE = 0.3;
const GROWTH_BYTES_PER_SECOND = 4 * 1024 * 1024;
const GROWTH_LIMIT_BYTES = 256 * 1024 * 1024;

const BURN = `
  const rest = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    const end = performance.now() + 20;
    while (performance.now() < end) Math.sqrt(Math.random());
    Atomics.wait(rest, 0, 0, 10);
  }`;

const active = new Set<Fault>();
let burners: Worker[] = [];
let growth: NodeJS.Timeout | undefined;
let hoard: Buffer[] = [];

export function activeFaults(): Fault[] {
  return [...active];
}

/** Switches a fault on or off; twice the same is once. */
export function setFault(fault: Fault, enabled: boolean): void {
  if (enabled === active.has(fault)) return;
  if (enabled) active.add(fault);
  else active.delete(fault);
  if (fault === 'cpu') setBurning(enabled);
  if (fault === 'memory') setGrowing(enabled);
}

/**
 * Well over one core's worth, beside the event loop so that the service goes on answering: two threads that rest a
 * third of the time, so that a machine with two cores still has room for everybody else.
 */
function setBurning(enabled: boolean): void {
  if (enabled) burners = [1, 2].map(() => new Worker(BURN, { eval: true }));
  else for (const burner of burners) void burner.terminate();
}

function setGrowing(enabled: boolean): void {
  clearInterval(growth);
  hoard = [];
  if (!enabled) return;
  growth = setInterval(() => {
    if (hoard.length * GROWTH_BYTES_PER_SECOND < GROWTH_LIMIT_BYTES)
      hoard.push(Buffer.alloc(GROWTH_BYTES_PER_SECOND, 1));
  }, 1000);
}

/** What a request suffers: waits or throws, by the faults that are on. */
export async function suffer(): Promise<void> {
  if (active.has('slow')) await new Promise((resolve) => setTimeout(resolve, SLOW_BY_MS));
  if (active.has('errors') && Math.random() < ERROR_SHARE) throw new Error('injected fault');
}
