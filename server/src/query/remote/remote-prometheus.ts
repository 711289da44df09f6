import { ServiceError } from '../../model/errors.ts';

export interface RemoteAddress {
  /** Without a trailing slash; what comes before `/api/v1`. May hold a user and a password. */
  readonly url: string;
  /** Sent as a bearer token. */
  readonly token?: string | undefined;
  /** Sent with every request, such as `X-Scope-OrgID`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Remarks of the other side beside the data. */
export interface RemoteAnswer {
  readonly data: unknown;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

const MOST_BYTES = 256 * 1024 * 1024;

/**
 * Another server with Prometheus' HTTP API: Prometheus, VictoriaMetrics, Mimir, Thanos. Its errors become ours, in its
 * words: `invalid` for what it refuses, `query_timeout`, `unavailable` where it does not answer.
 * https://prometheus.io/docs/prometheus/latest/querying/api/
 */
export class RemotePrometheus {
  readonly #base: string;
  readonly #name: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ url, token, headers = {} }: RemoteAddress) {
    const address = new URL(url);
    const { username, password } = address;
    address.username = '';
    address.password = '';
    this.#base = address.href.replace(/\/+$/, '');
    this.#name = address.host;
    const pair = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
    const authorization = token !== undefined ? `Bearer ${token}` : username === '' ? undefined : `Basic ${pair}`;
    this.#headers = {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
      ...(authorization !== undefined && { authorization }),
    };
  }

  /** Posts the parameters as a form: `/api/v1/query`; a GET has them in its address. */
  async ask(
    path: string,
    parameters: Readonly<Record<string, string>> | [string, string][],
    options: {
      readonly timeoutMs: number;
      readonly signal?: AbortSignal | undefined;
      readonly method?: 'GET' | 'POST';
    },
  ): Promise<RemoteAnswer> {
    const deadline = AbortSignal.timeout(Math.max(1, Math.ceil(options.timeoutMs)));
    const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
    try {
      const form = new URLSearchParams(parameters).toString();
      const isGet = options.method === 'GET';
      const response = await fetch(`${this.#base}${path}${isGet && form !== '' ? `?${form}` : ''}`, {
        method: isGet ? 'GET' : 'POST',
        headers: this.#headers,
        ...(!isGet && { body: form }),
        redirect: 'error',
        signal,
      });
      return this.#read(response.status, await readBounded(response));
    } catch (error) {
      if (error instanceof ServiceError) throw error;
      options.signal?.throwIfAborted();
      if (deadline.aborted) {
        const seconds = options.timeoutMs / 1000;
        throw new ServiceError('query_timeout', `${this.#name} did not answer the query within ${seconds} s`);
      }
      if (error instanceof TooLargeError) {
        throw this.#refused(`its answer has more than ${MOST_BYTES} bytes; narrow the query or raise its step`);
      }
      throw new ServiceError('unavailable', `${this.#name} does not answer: ${reasonOf(error)}`, { cause: error });
    }
  }

  #read(status: number, text: string): RemoteAnswer {
    const answer = parseObject(text);
    const { data, warnings, infos } = answer;
    if (answer.status === 'success') return { data, warnings: texts(warnings), infos: texts(infos) };
    const said = typeof answer.error === 'string' ? answer.error : `status ${status}`;
    const message = `${this.#name} says: ${said.slice(0, 1000)}`;
    if (status === 401 || status === 403) {
      throw new ServiceError('unavailable', `${message}; check PROMETHEUS_URL and PROMETHEUS_TOKEN`);
    }
    if (answer.errorType === 'timeout') throw new ServiceError('query_timeout', message);
    if (status === 400 || status === 422)
      throw new ServiceError('invalid', message, { issues: [{ path: 'query', message }] });
    throw new ServiceError('unavailable', message);
  }

  #refused(reason: string): ServiceError {
    const message = `${this.#name}: ${reason}`;
    return new ServiceError('invalid', message, { issues: [{ path: 'query', message }] });
  }
}

class TooLargeError extends Error {}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new TooLargeError();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // A proxy's page of HTML, or nothing: the status says enough.
    return {};
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  const { code, message: inner } = (cause ?? {}) as { code?: string; message?: string };
  return code ?? (inner || message);
}
