import { createRequire } from 'node:module';
import { ServiceError } from '../../../model/errors.ts';

// The package's own types do not resolve from an ES module: this is what we use of it.
interface Engine {
  readonly Session: new (path: string, options: { connectionArgs: readonly string[] }) => EngineSession;
  drainPending(): Promise<void>;
}

let engine: Engine | undefined;

/** Loads the engine at first use: it is large, and `--help` needs none. Throws where there is none for the platform. */
function loadEngine(): Engine {
  engine ??= createRequire(import.meta.url)('chdb') as Engine;
  return engine;
}

/** Resolves when the engine has let go of everything. */
export async function drainEngine(): Promise<void> {
  await engine?.drainPending();
}

/** An answer of the engine; the bytes live outside of the JavaScript heap. */
export interface EngineResult {
  bytes(): Uint8Array;
  text(): string;
}

interface EngineSession {
  queryAsync(sql: string, options: { format: string }): Promise<EngineResult>;
  close(): void;
}

export interface SessionPoolOptions {
  readonly name: string;
  /** Sessions of the pool: so many queries run at a time. */
  readonly size: number;
  /** Queries that may wait; further ones are refused as `overloaded`. */
  readonly maxWaiting: number;
  readonly path: string;
  readonly connectionArgs: readonly string[];
  /** Statements that every session begins with: its database and limits. They are the same for all its queries. */
  readonly opening: readonly string[];
  /** A query that the engine has not ended by itself after so long is killed. Above the engine's own limit. */
  readonly watchdogMs: number;
  /** Ends the query that carries this mark, from a session of another pool. */
  readonly kill: (mark: string) => void;
}

interface Waiting {
  readonly sql: string;
  readonly format: string;
  readonly mark: string;
  readonly resolve: (result: EngineResult) => void;
  readonly reject: (error: unknown) => void;
  settled: boolean;
}

interface PooledSession {
  engine: EngineSession;
  /** A failed query may leave a piece of its answer behind, which the next answer would begin with. */
  soiled: boolean;
}

/** What is put before every query, so that it can be found and ended. */
export function markText(mark: string): string {
  return `/* ${mark} */ `;
}

/** Length of `markText`: so far positions in the engine's messages are off. */
export const MARK_LENGTH = markText('q000000000000').length;

const KILL_AGAIN_MS = 250;

let lastMark = 0;

/**
 * Sessions of one kind on the embedded engine. A session runs one query at a time; queries wait in the order in which
 * they came. All is main thread: sessions do not work in worker threads.
 */
export class SessionPool {
  readonly #options: SessionPoolOptions;
  readonly #idle: PooledSession[] = [];
  readonly #running = new Set<Promise<void>>();
  #sessions = 0;
  #waiting: Waiting[] = [];
  /** Of the queries that run. */
  readonly #marks = new Set<string>();
  #closed = false;

  constructor(options: SessionPoolOptions) {
    this.#options = options;
  }

  /** Opens all sessions, so that a directory that cannot be opened is known at the start. */
  async open(): Promise<void> {
    const opened = await Promise.all(Array.from({ length: this.#options.size }, () => this.#openSession()));
    this.#idle.push(...opened);
    this.#sessions = opened.length;
  }

  /** Rejects at once when `signal` aborts; the query is ended in the engine soon after. */
  run(sql: string, format: string, signal?: AbortSignal): Promise<EngineResult> {
    if (this.#closed) return Promise.reject(closing());
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#waiting.length >= this.#options.maxWaiting) {
      const message = `too many queries wait for the telemetry store (${this.#options.name})`;
      return Promise.reject(new ServiceError('overloaded', message, { retryAfterSeconds: 2 }));
    }
    const { promise, resolve, reject } = Promise.withResolvers<EngineResult>();
    const mark = `q${String(++lastMark).padStart(12, '0')}`;
    const waiting: Waiting = { sql, format, mark, resolve, reject, settled: false };
    this.#waiting.push(waiting);
    if (signal) this.#abortWith(signal, waiting, promise);
    this.#next();
    return promise;
  }

  #abortWith(signal: AbortSignal, waiting: Waiting, promise: Promise<EngineResult>): void {
    const abort = () => {
      waiting.settled = true;
      waiting.reject(signal.reason);
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
      this.#end(waiting.mark);
    };
    signal.addEventListener('abort', abort, { once: true });
    const forget = () => signal.removeEventListener('abort', abort);
    promise.then(forget, forget);
  }

  /** Kills until the query is gone: a first try may come before the engine knows of the query. */
  #end(mark: string): void {
    if (!this.#marks.has(mark)) return;
    this.#options.kill(mark);
    setTimeout(() => this.#end(mark), KILL_AGAIN_MS).unref();
  }

  #next(): void {
    while (this.#waiting.length > 0 && this.#idle.length > 0) {
      const waiting = this.#waiting.shift()!;
      const session = this.#idle.pop()!;
      this.#marks.add(waiting.mark);
      const run = this.#execute(waiting, session).finally(() => {
        this.#running.delete(run);
        this.#marks.delete(waiting.mark);
        this.#idle.push(session);
        this.#next();
      });
      this.#running.add(run);
    }
  }

  async #execute(waiting: Waiting, session: PooledSession): Promise<void> {
    let watchdog: NodeJS.Timeout | undefined;
    try {
      if (session.soiled) await this.#clean(session);
      if (waiting.settled) return;
      // Real time whatever the clock: it guards work outside of JavaScript.
      watchdog = setTimeout(() => this.#end(waiting.mark), this.#options.watchdogMs);
      const sql = markText(waiting.mark) + waiting.sql;
      waiting.resolve(await session.engine.queryAsync(sql, { format: waiting.format }));
    } catch (error) {
      session.soiled = true;
      waiting.reject(this.#closed ? closing() : error);
    } finally {
      clearTimeout(watchdog);
    }
  }

  async #clean(session: PooledSession): Promise<void> {
    for (let attempt = 0; attempt < 3; attempt++) {
      const answer = await session.engine
        .queryAsync("SELECT 'clean'", { format: 'TabSeparated' })
        .catch(() => undefined);
      if (answer?.text() === 'clean\n') {
        session.soiled = false;
        return;
      }
    }
    session.engine.close();
    const fresh = await this.#openSession();
    session.engine = fresh.engine;
    session.soiled = false;
  }

  async #openSession(): Promise<PooledSession> {
    const { path, connectionArgs, opening } = this.#options;
    const { Session } = loadEngine();
    const session = new Session(path, { connectionArgs });
    for (const statement of opening) await session.queryAsync(statement, { format: 'TabSeparated' });
    return { engine: session, soiled: false };
  }

  /** Refuses what waits, kills what runs, waits until the engine has let go, then closes. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of this.#waiting.splice(0)) {
      waiting.reject(closing());
    }
    for (const mark of this.#marks.keys()) this.#end(mark);
    await Promise.all(this.#running);
    for (const session of this.#idle.splice(0)) session.engine.close();
  }

  get stats(): { readonly sessions: number; readonly running: number; readonly waiting: number } {
    return { sessions: this.#sessions, running: this.#running.size, waiting: this.#waiting.length };
  }
}

function closing(): ServiceError {
  return new ServiceError('unavailable', 'the telemetry store is closing');
}
