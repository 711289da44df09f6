import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Commits from one copying to the next. */
const COMMITS = 256;
/** Pages (4 kB each) in the log from which on it is to begin anew. */
const LONG_LOG = 4096;
/** A thread that has nothing to do is ended: it holds several MiB. */
const IDLE_MS = 10_000;

interface CheckpointResult {
  /** Pages in the log. */
  readonly log: number;
  readonly checkpointed: number;
}

type Hold = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Copies SQLite's log into the database from a thread of its own, since that waits for the disk. A log begins anew
 * only where all of it was copied, which never happens while others go on writing: once it is long, the last bit is
 * copied with the database held.
 */
export class Checkpoints {
  readonly #path: string;
  /** Runs while nobody else uses the database. */
  readonly #hold: Hold;
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #commits = 0;
  #running: Promise<void> | undefined;

  constructor(path: string, hold: Hold) {
    this.#path = path;
    this.#hold = hold;
  }

  /** To be called after each commit. */
  noteCommit(): void {
    if (++this.#commits < COMMITS || this.#running) return;
    this.#commits = 0;
    clearTimeout(this.#idle);
    // Where it fails, SQLite's own checkpoints come in, and the next attempt is not far.
    this.#running = this.#run()
      .catch(() => this.#stopWorker())
      .finally(() => {
        this.#running = undefined;
        this.#idle = setTimeout(() => void this.#stopWorker(), IDLE_MS).unref();
      });
  }

  async close(): Promise<void> {
    await this.#running;
    clearTimeout(this.#idle);
    await this.#stopWorker();
  }

  async #run(): Promise<void> {
    const { log } = await this.#checkpoint();
    if (log < LONG_LOG) return;
    await this.#hold(() => this.#checkpoint());
  }

  async #checkpoint(): Promise<CheckpointResult> {
    this.#worker ??= openWorker(this.#path);
    this.#worker.postMessage('checkpoint');
    const [answer] = (await once(this.#worker, 'message')) as [CheckpointResult | { readonly problem: string }];
    if ('problem' in answer) throw new Error(answer.problem);
    return answer;
  }

  async #stopWorker(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}

function openWorker(path: string): Worker {
  const file = import.meta.url.endsWith('.ts') ? './checkpoint-worker.ts' : './checkpoint-worker.js';
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: path,
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 32 },
  });
  // Whoever waits for an answer hears of it by `once`; without anybody it is not to end the process.
  worker.on('error', () => undefined);
  worker.unref();
  return worker;
}
