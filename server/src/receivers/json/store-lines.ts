import type { Readable } from 'node:stream';
import { isBrokenCompression, toIssues } from '../../http/index.ts';
import type { Clock } from '../../model/clock.ts';
import { type Issue, invalid, ServiceError } from '../../model/errors.ts';
import { type Intake, rejectionText } from '../../pipeline/index.ts';
import type { ItemKind } from './item-kind.ts';
import { type Line, LineSplitter } from './line-splitter.ts';
import { patientWrite } from './patient-write.ts';

/** A line holds one item: a body of a log record may take 1 Mi characters. */
const MOST_LINE_BYTES = 4 * 1024 * 1024;
/** What is written at once. */
const BATCH_LINES = 2000;
const BATCH_BYTES = 2 * 1024 * 1024;
const MOST_ERRORS = 100;
/** Lines wait no longer for others to be written with: a stream may follow a log that grows slowly. */
const PAUSE_MS = 1000;

export interface StoreLinesOptions {
  readonly kind: ItemKind;
  readonly intake: Intake;
  readonly clock: Clock;
  /** Name of the API key. */
  readonly key: string;
  readonly signal: AbortSignal;
}

export interface LinesOutcome {
  /** Items that are stored. */
  readonly accepted: number;
  /** Lines that are not. */
  readonly rejected: number;
  /** The first of their mistakes; `path` is the field. */
  readonly errors: readonly { readonly line: number; readonly path: string; readonly message: string }[];
}

/**
 * Stores a stream of one JSON object a line, of any length, in memory that does not grow with it; what one batch needs
 * is not read before the batch before it is stored. Wrong lines are left out and named. Throws `invalid` where all
 * lines are wrong, and the store's error, with how far it came, where it refuses longer than patience lasts.
 * https://github.com/ndjson/ndjson-spec
 */
export async function storeLines(body: Readable, options: StoreLinesOptions): Promise<LinesOutcome> {
  const run = new LineRun(options);
  try {
    for await (const chunk of chunksAndPauses(body, options.clock)) await (chunk ? run.take(chunk) : run.flush());
    await run.end();
  } catch (error) {
    throw run.describe(error);
  }
  return run.outcome();
}

/** The chunks of a stream, and `undefined` once in each pause between them. */
async function* chunksAndPauses(body: Readable, clock: Clock): AsyncGenerator<Buffer | undefined> {
  // What is left unread must not close the connection: the answer goes over it.
  const chunks = body.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const next: Promise<IteratorResult<Buffer, unknown>> = chunks.next();
      if (!(await comesWithin(next, clock, PAUSE_MS))) yield undefined;
      const { done, value } = await next;
      if (done) return;
      yield value;
    }
  } finally {
    // Behind a chunk that is still awaited it would wait for that one.
    void chunks.return?.();
  }
}

/** Never rejects. */
async function comesWithin(next: Promise<unknown>, clock: Clock, milliseconds: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = clock.setTimer(milliseconds, () => resolve(false));
  const come = () => resolve(true);
  next.then(come, come);
  const isThere = await promise;
  timer.cancel();
  return isThere;
}

class LineRun {
  readonly #options: StoreLinesOptions;
  readonly #splitter = new LineSplitter(MOST_LINE_BYTES);
  readonly #errors: { line: number; path: string; message: string }[] = [];
  #waiting: Line[] = [];
  #waitingBytes = 0;
  #accepted = 0;
  #rejected = 0;
  #storedTo = 0;

  constructor(options: StoreLinesOptions) {
    this.#options = options;
  }

  async take(chunk: Buffer): Promise<void> {
    for (const line of this.#splitter.push(chunk)) this.#waiting.push(line);
    this.#waitingBytes += chunk.length;
    if (this.#waiting.length >= BATCH_LINES || this.#waitingBytes >= BATCH_BYTES) await this.flush();
  }

  async end(): Promise<void> {
    this.#waiting.push(...this.#splitter.end());
    await this.flush();
  }

  /** Stores the whole lines that have come. */
  async flush(): Promise<void> {
    const lines = this.#waiting;
    const bytes = this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (lines.length === 0) return;
    const { kind, intake, clock, key, signal } = this.#options;
    const translate = kind.translator(clock.now());
    const numbers: number[] = [];
    const items: unknown[] = [];
    let wrong = 0;
    for (const line of lines) {
      const parsed = this.#parse(line);
      if (parsed === undefined) wrong++;
      else {
        numbers.push(line.number);
        items.push(translate(parsed));
      }
    }
    const refused: { line: number; message: string }[] = [];
    const outcome = await patientWrite(clock, signal, () => {
      refused.length = 0;
      return kind.write(intake, items, {
        sender: { key, bytes },
        onRefused: (index, reason, detail) => {
          refused.push({ line: numbers[index]!, message: rejectionText(reason, detail) });
        },
        ...(wrong > 0 && { refused: [{ reason: 'invalid_item', count: wrong }] }),
      });
    });
    for (const { line, message } of refused) this.#addError(line, 'line', message);
    this.#accepted += outcome.accepted;
    this.#rejected += wrong + refused.length;
    this.#storedTo = lines.at(-1)!.number;
  }

  #parse({ number, text }: Line): Record<string, unknown> | undefined {
    if (text === undefined) return this.#addError(number, 'line', `longer than ${MOST_LINE_BYTES} bytes`);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      return this.#addError(number, 'line', `not valid JSON: ${(error as Error).message}`);
    }
    const { schema } = this.#options.kind;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    for (const { path, message } of toIssues(parsed.error, Object.keys(schema.shape))) {
      this.#addError(number, path === 'body' ? 'line' : path, message);
    }
    return undefined;
  }

  #addError(line: number, path: string, message: string): undefined {
    if (this.#errors.length < MOST_ERRORS) this.#errors.push({ line, path, message });
    return undefined;
  }

  outcome(): LinesOutcome {
    if (this.#accepted === 0 && this.#rejected > 0) throw invalid(...this.#issues());
    return { accepted: this.#accepted, rejected: this.#rejected, errors: this.#errors };
  }

  #issues(): Issue[] {
    return this.#errors.map(({ line, path, message }) => ({
      path: path === 'line' ? `line ${line}` : `line ${line}: ${path}`,
      message,
    }));
  }

  /** The error, and from which line on to send again. */
  describe(error: unknown): unknown {
    const far = this.#storedTo === 0 ? 'nothing is stored' : `lines up to ${this.#storedTo} are done; go on from there`;
    if (error instanceof ServiceError) {
      const { retryAfterSeconds } = error;
      const message = `${error.message}; ${far}`;
      return new ServiceError(error.code, message, { cause: error, ...(retryAfterSeconds && { retryAfterSeconds }) });
    }
    if (!isBrokenCompression(error)) return error;
    return new ServiceError('malformed', `the body cannot be decompressed: ${error.message}; ${far}`);
  }
}
