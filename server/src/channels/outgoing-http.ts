import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { Agent, request } from 'undici';
import type { AddressGuard } from './address-guard.ts';
import type { DeliveryOutcome } from './channel.ts';

/** Most bytes of an answer that are looked at. */
const ANSWER_LIMIT = 16 * 1024;

export interface OutgoingRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  readonly signal: AbortSignal;
}

export interface OutgoingAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

interface Agents {
  readonly request: typeof request;
  readonly guarded: Agent;
  readonly open: Agent;
}

/** All addresses of a name. */
export type Resolve = (name: string) => Promise<LookupAddress[]>;

const resolveBySystem: Resolve = (name) =>
  new Promise((resolve, reject) => {
    systemLookup(name, { all: true, verbatim: true }, (error, addresses) =>
      error ? reject(error) : resolve(addresses),
    );
  });

/**
 * POSTs to addresses that others name. A name is looked up once for each connection, every one of its addresses is
 * checked, and the connection goes to a checked address: a second look-up cannot swap it. Redirects are not followed.
 */
export class OutgoingHttp {
  readonly #guard: AddressGuard | undefined;
  readonly #resolve: Resolve;
  #agents: Promise<Agents> | undefined;

  /** Without a guard for what the operator alone has set up. */
  constructor(guard: AddressGuard | undefined, resolve: Resolve = resolveBySystem) {
    this.#guard = guard;
    this.#resolve = resolve;
  }

  /** The answer, whatever its status. Rejects with `ForbiddenAddress` or the connection's error. */
  async post({ url, headers, body, signal }: OutgoingRequest): Promise<OutgoingAnswer> {
    const target = new URL(url);
    const refusal = this.#guard?.refuseUrl(target);
    if (refusal !== undefined) throw new ForbiddenAddress(refusal);
    this.#agents ??= this.#openAgents();
    const agents = await this.#agents;
    const answer = await agents.request(target, {
      method: 'POST',
      headers: { 'user-agent': 'system-service', ...headers },
      body,
      signal,
      dispatcher: !this.#guard || this.#guard.allowsHost(target) ? agents.open : agents.guarded,
    });
    return { status: answer.statusCode, headers: answer.headers, body: await readStart(answer.body) };
  }

  async close(): Promise<void> {
    const agents = await this.#agents;
    await Promise.all([agents?.guarded.destroy(), agents?.open.destroy()]);
  }

  /** The client is loaded with the first request: most services idle without one. */
  async #openAgents(): Promise<Agents> {
    const undici = await import('undici');
    return {
      request: undici.request,
      guarded: new undici.Agent(this.#agentOptions((addresses) => this.#refuse(addresses))),
      open: new undici.Agent(this.#agentOptions(() => undefined)),
    };
  }

  #refuse(addresses: readonly LookupAddress[]): string | undefined {
    for (const { address } of addresses) {
      const refusal = this.#guard?.refuseAddress(address);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  #agentOptions(refuse: (addresses: readonly LookupAddress[]) => string | undefined): Agent.Options {
    const lookup: LookupFunction = (name, options, callback) => {
      this.#resolve(name).then(
        (addresses) => {
          const refusal = addresses.length === 0 ? `${name} has no address` : refuse(addresses);
          if (refusal !== undefined) return callback(new ForbiddenAddress(refusal), [], 0);
          if (options.all) return callback(null, addresses);
          return callback(null, addresses[0]!.address, addresses[0]!.family);
        },
        (error) => callback(error, [], 0),
      );
    };
    return {
      connect: { lookup, timeout: 10_000 },
      headersTimeout: 30_000,
      bodyTimeout: 30_000,
      keepAliveTimeout: 4000,
      connections: 8,
    };
  }
}

/** A target that outgoing requests may not reach. */
export class ForbiddenAddress extends Error {
  override readonly name = 'ForbiddenAddress';
}

async function readStart(body: AsyncIterable<Buffer> & { destroy(): void }): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= ANSWER_LIMIT) break;
  }
  return Buffer.concat(chunks).subarray(0, ANSWER_LIMIT).toString('utf8');
}

/** Statuses after which trying again makes sense. */
const RETRIED = new Set([408, 425, 429]);

/** An HTTP answer as an outcome, for targets that speak by status alone. */
export function outcomeOfStatus(answer: OutgoingAnswer, now: number, success = isSuccess): DeliveryOutcome {
  const { status } = answer;
  if (success(status)) return { outcome: 'sent', detail: `answered ${status}` };
  const detail = `answered ${status}`;
  if (status >= 500 || RETRIED.has(status)) {
    const retryAfterMs = retryAfter(answer.headers['retry-after'], now);
    return {
      outcome: 'retry',
      reason: status === 429 ? 'rate_limited' : status === 408 ? 'timeout' : 'server_error',
      detail,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      ...(status === 429 && { endpoint: 'none' as const }),
    };
  }
  if (status >= 300 && status < 400) {
    return { outcome: 'failed', reason: 'rejected', detail: `${detail}: redirects are not followed` };
  }
  if (status === 401 || status === 403) return { outcome: 'failed', reason: 'authentication', detail };
  if (status === 404 || status === 410) return { outcome: 'failed', reason: 'endpoint_gone', detail };
  if (status === 413) return { outcome: 'failed', reason: 'too_large', detail };
  return { outcome: 'failed', reason: 'rejected', detail };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Milliseconds of a `Retry-After` header: seconds or a date. At most a day. RFC 9110, 10.2.3. */
export function retryAfter(header: string | string[] | undefined, now: number): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return undefined;
  const seconds = /^\d+$/.test(text.trim()) ? Number(text) : (Date.parse(text) - now) / 1000;
  if (!Number.isFinite(seconds)) return undefined;
  return Math.min(Math.max(0, Math.round(seconds * 1000)), 86_400_000);
}

/** A failed request as an outcome. The texts of errors name hosts and ports, never paths. */
export function outcomeOfError(error: unknown): DeliveryOutcome {
  const root = rootOf(error);
  if (root instanceof ForbiddenAddress) {
    return {
      outcome: 'failed',
      reason: 'forbidden_address',
      detail: `${root.message}; WEBHOOK_ALLOW can open it`,
    };
  }
  const code = (root as { code?: string }).code ?? '';
  const name = (root as { name?: string }).name ?? '';
  if (name === 'TimeoutError' || name === 'AbortError' || /TIMEDOUT|TIMEOUT/.test(code)) {
    const connected = code !== 'UND_ERR_CONNECT_TIMEOUT' && code !== 'ETIMEDOUT';
    return { outcome: 'retry', reason: 'timeout', detail: 'no answer in time', mayHaveArrived: connected };
  }
  const early = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ERR_TLS|ERR_SSL|CERT|DEPTH|SELF|UNABLE)/;
  return {
    outcome: 'retry',
    reason: 'connection',
    detail: `no connection${code === '' ? '' : ` (${code})`}`,
    mayHaveArrived: !early.test(code),
  };
}

function rootOf(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0]);
  const cause = (error as { cause?: unknown } | null)?.cause;
  return cause instanceof Error ? rootOf(cause) : error;
}
