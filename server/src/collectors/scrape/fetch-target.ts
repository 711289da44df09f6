import { isUtf8 } from 'node:buffer';
import { STATUS_CODES } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type AnswerFormat, acceptHeader, formatOf } from './content.ts';
import type { HttpAnswer, HttpClient } from './http-client.ts';
import { ScrapeError } from './scrape-error.ts';
import type { ScrapeJob } from './scrape-job.ts';
import type { Target } from './target.ts';

export interface Fetched {
  readonly format: AnswerFormat;
  readonly body: Buffer;
}

/** Also where a job sets no limit: an answer beyond it is a mistake. */
const MOST_BYTES = 256 * 1024 * 1024;
const unzip = promisify(gunzip);

/** Bytes of answers that are in memory at once, all targets together. */
export class BodyBudget {
  readonly #most: number;
  #used = 0;

  constructor(most = 512 * 1024 * 1024) {
    this.#most = most;
  }

  take(bytes: number): void {
    if (this.#used + bytes > this.#most) {
      throw new ScrapeError('too many large answers at once; scrape less often, or set body_size_limit');
    }
    this.#used += bytes;
  }

  release(bytes: number): void {
    this.#used -= bytes;
  }
}

/** The answer was larger than allowed. */
export class BodyTooLarge extends ScrapeError {}

/** The answer of a target, unpacked. Rejects with the reason why there is none. */
export async function fetchTarget(
  target: Target,
  { job, client, budget }: { readonly job: ScrapeJob; readonly client: HttpClient; readonly budget: BodyBudget },
  signal: AbortSignal,
): Promise<Fetched> {
  const answer = await client.get(target.url, requestHeaders(job, target), signal);
  if (answer.status !== 200) {
    answer.body.destroy();
    throw new ScrapeError(
      `the target answers with HTTP status ${answer.status} ${STATUS_CODES[answer.status] ?? ''}`.trim(),
    );
  }
  const limit = Math.min(job.bodySizeLimit || MOST_BYTES, MOST_BYTES);
  const packed = await readBody(answer, limit, budget, signal);
  const body = headerOf(answer, 'content-encoding') === 'gzip' ? await unpack(packed, limit) : packed;
  const format = formatOf(headerOf(answer, 'content-type'), job.fallbackProtocol);
  if (format !== 'protobuf' && !isUtf8(body)) throw new ScrapeError('the answer is not UTF-8');
  return { format, body };
}

function requestHeaders(job: ScrapeJob, target: Target): Record<string, string> {
  return {
    accept: acceptHeader(job.protocols, job.escaping),
    'accept-encoding': job.enableCompression ? 'gzip' : 'identity',
    'user-agent': 'system-service',
    'x-prometheus-scrape-timeout-seconds': String(target.timeoutMs / 1000),
  };
}

async function readBody(answer: HttpAnswer, limit: number, budget: BodyBudget, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of answer.body) {
      budget.take(chunk.length);
      size += chunk.length;
      if (size > limit) throw tooLarge(limit);
      chunks.push(chunk);
    }
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size);
  } catch (error) {
    answer.body.destroy();
    if (error instanceof ScrapeError || signal.aborted) throw error;
    throw new ScrapeError('the connection was closed before the answer ended');
  } finally {
    budget.release(size);
  }
}

async function unpack(packed: Buffer, limit: number): Promise<Buffer> {
  try {
    return await unzip(packed, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit);
    throw new ScrapeError(`the answer is no whole gzip: ${(error as Error).message}`);
  }
}

function tooLarge(limit: number): BodyTooLarge {
  return new BodyTooLarge(`the answer is larger than body_size_limit allows (${limit} bytes)`);
}

function headerOf(answer: HttpAnswer, name: string): string | undefined {
  const value = answer.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
