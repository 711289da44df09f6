import { readFileSync, writeFileSync } from 'node:fs';

/** Of proc(5): what the kernel tells times in. */
const CLOCK_TICKS_PER_SECOND = 100;

/** User and system time of a process, seconds. */
export function processorSeconds(pid: number): number {
  // The name in brackets may hold blanks; the times are fields 14 and 15, counted behind it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}

/** Resident memory, MiB: now, the most since `resetPeakMemory`, or now without the pages of files. */
export function memoryMiB(pid: number, field: 'VmRSS' | 'VmHWM' | 'RssAnon'): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1]) / 1024;
}

export function resetPeakMemory(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** What the whole machine has worked, seconds over all processors, the time that the host took away included. */
function machineSeconds(): number {
  const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.trim().split(/\s+/).slice(1).map(Number);
  const [user = 0, nice = 0, system = 0, , , interrupts = 0, softInterrupts = 0, stolen = 0] = fields;
  return (user + nice + system + interrupts + softInterrupts + stolen) / CLOCK_TICKS_PER_SECOND;
}

/** Tells how much others worked on the machine meanwhile. */
export class ForeignWork {
  readonly #pid: number;
  readonly #machine = machineSeconds();
  readonly #own = process.cpuUsage();
  readonly #measured: number;
  readonly #began = performance.now();

  constructor(pid: number) {
    this.#pid = pid;
    this.#measured = processorSeconds(pid);
  }

  /** As a share of one processor, from the construction until now. */
  share(): number {
    const own = process.cpuUsage(this.#own);
    const ownSeconds = (own.user + own.system) / 1e6;
    const others = machineSeconds() - this.#machine - ownSeconds - (processorSeconds(this.#pid) - this.#measured);
    return Math.max(0, others) / ((performance.now() - this.#began) / 1000);
  }
}
