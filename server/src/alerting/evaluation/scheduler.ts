import type { Clock, Timer } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';

/** Something to be done again and again. */
export interface Task {
  readonly id: string;
  readonly intervalMs: number;
  /** Set: also at this time, Unix milliseconds. */
  readonly alsoAt?: number | null;
  run(now: number, signal: AbortSignal): Promise<void>;
  /** So many turns are left out: the run before was still busy, or the process too late. */
  onMissed?(turns: number): void;
}

export interface SchedulerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Tasks that may run at the same time. */
  readonly concurrency: number;
}

interface Entry {
  task: Task;
  /** Next time by plan. */
  dueAt: number;
  /** What the timer is set to. */
  armedFor: number;
  /** When the newest run should have begun; what it takes for the present. */
  plannedAt: number;
  timer: Timer | undefined;
  /** Waiting for its turn, or running. */
  busy: Promise<void> | undefined;
  controller: AbortController;
}

/** Timers count in whole milliseconds of their own: they may come a moment before their time. */
const EARLY_MS = 10;
/** A first run comes within this time, spread by the task's id, so that a start is no stampede. */
const LONGEST_FIRST_WAIT_MS = 15_000;

/**
 * Runs tasks on their intervals: never one beside itself, a bounded number at once, first come first served. A turn
 * that comes while the task is still busy is skipped, not queued.
 */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #runs = 0;
  #skipped = 0;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  /** Takes a task up, in place of one of the same id, whose run is aborted. */
  add(task: Task): void {
    this.remove(task.id);
    const now = this.#options.clock.now();
    const firstWait = spread(task.id) * Math.min(task.intervalMs, LONGEST_FIRST_WAIT_MS);
    const controller = new AbortController();
    const dueAt = now + Math.round(firstWait);
    const entry: Entry = {
      task,
      dueAt,
      plannedAt: now,
      armedFor: dueAt,
      timer: undefined,
      busy: undefined,
      controller,
    };
    this.#entries.set(task.id, entry);
    this.#arm(entry, now);
  }

  remove(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    entry.timer?.cancel();
    entry.controller.abort();
  }

  /** Aborts the present run of a task, if there is one; its next turn comes as planned. */
  interrupt(id: string): void {
    const entry = this.#entries.get(id);
    if (!entry?.busy) return;
    entry.controller.abort();
    entry.controller = new AbortController();
  }

  /** Runs a task at once, out of turn. Resolves when it is done; also where the run fails. */
  async runNow(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (!entry) return;
    while (entry.busy) await entry.busy;
    await this.#start(entry, this.#options.clock.now());
  }

  /** Ends all tasks and waits for those that run. */
  async stop(): Promise<void> {
    const entries = [...this.#entries.values()];
    for (const { task } of entries) this.remove(task.id);
    await Promise.allSettled(entries.map((entry) => entry.busy));
  }

  /** `busy`: tasks that run or wait for their turn; `lagMs`: how long ago the first of these should have begun. */
  stats(): { runs: number; skipped: number; busy: number; lagMs: number } {
    const busy = [...this.#entries.values()].filter((entry) => entry.busy);
    const now = this.#options.clock.now();
    const lagMs = Math.max(0, ...busy.map(({ plannedAt }) => now - plannedAt));
    return { runs: this.#runs, skipped: this.#skipped, busy: busy.length, lagMs };
  }

  /** To the next time after `now`. */
  #arm(entry: Entry, now: number): void {
    const { clock } = this.#options;
    const { alsoAt } = entry.task;
    const extra = alsoAt != null && alsoAt > now ? alsoAt : Number.POSITIVE_INFINITY;
    const next = Math.min(entry.dueAt, extra);
    entry.armedFor = next;
    entry.timer = clock.setTimer(Math.max(0, next - clock.now()), () => this.#turn(entry));
  }

  #turn(entry: Entry): void {
    const clockNow = this.#options.clock.now();
    const isEarly = clockNow < entry.armedFor && entry.armedFor - clockNow <= EARLY_MS;
    const now = isEarly ? entry.armedFor : clockNow;
    const { task } = entry;
    const late = Math.max(0, Math.floor((now - entry.dueAt) / task.intervalMs));
    const missed = late + (entry.busy ? 1 : 0);
    this.#skipped += missed;
    if (missed > 0) task.onMissed?.(missed);
    const regular = entry.dueAt > now ? now : entry.dueAt + late * task.intervalMs;
    const extra = task.alsoAt != null && task.alsoAt <= now ? task.alsoAt : regular;
    if (!entry.busy) void this.#start(entry, Math.max(regular, extra));
    entry.dueAt = nextOnGrid(entry.dueAt, entry.task.intervalMs, now);
    this.#arm(entry, now);
  }

  #start(entry: Entry, plannedAt: number): Promise<void> {
    // Not before a run out of turn, unless the clock was set back.
    entry.plannedAt = Math.max(plannedAt, Math.min(entry.plannedAt, this.#options.clock.now()));
    entry.busy = this.#run(entry).finally(() => {
      entry.busy = undefined;
    });
    return entry.busy;
  }

  async #run(entry: Entry): Promise<void> {
    const { logger, concurrency } = this.#options;
    const { signal } = entry.controller;
    const { plannedAt } = entry;
    if (this.#running >= concurrency) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      if (signal.aborted) return;
      this.#runs++;
      await entry.task.run(plannedAt, signal);
    } catch (error) {
      logger.error({ err: error, task: entry.task.id }, 'an evaluation failed');
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}

/** The first planned time after `now`; also where the clock was set back, nobody waits longer than one interval. */
function nextOnGrid(dueAt: number, intervalMs: number, now: number): number {
  if (dueAt > now) return Math.min(dueAt, now + intervalMs);
  return dueAt + (Math.floor((now - dueAt) / intervalMs) + 1) * intervalMs;
}

/** A number from 0 up to 1, the same for the same text: FNV-1a with the finish of MurmurHash3. */
function spread(text: string): number {
  let hash = 2166136261;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 16777619);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
