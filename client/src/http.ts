/** An answer other than 2xx, in the words of the service; status 0: there was none. */
export class ServiceProblem extends Error {
  override readonly name = 'ServiceProblem';
  readonly status: number;
  /** Each wrong field. */
  readonly errors: readonly { readonly path: string; readonly message: string }[];
  /** When trying again makes sense, as the service has said. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    message: string,
    errors: ServiceProblem['errors'] = [],
    retryAfterSeconds: number | undefined = undefined,
    cause: unknown = undefined,
  ) {
    super(message, { cause });
    this.status = status;
    this.errors = errors;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface HttpOptions {
  /** `https://hub.example.org`, with its path prefix if it has one. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** Default: the global one. */
  readonly fetch?: typeof fetch | undefined;
}

export interface Call {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** The address of a path of the service. */
export function addressOf(base: string, path: string, query: Call['query'] = {}): URL {
  const url = new URL(path, base.endsWith('/') ? base : `${base}/`);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  return url;
}

/** Throws `ServiceProblem`. */
export async function request<Answer>(
  options: HttpOptions,
  method: string,
  path: string,
  call: Call = {},
): Promise<Answer> {
  const { query, body, contentType = 'application/json', headers, signal } = call;
  const response = await send(options.fetch ?? fetch, addressOf(options.url, path, query), {
    method,
    headers: {
      accept: 'application/json',
      ...(options.apiKey !== undefined && { authorization: `Bearer ${options.apiKey}` }),
      ...(body !== undefined && { 'content-type': contentType }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  });
  const text = await response.text();
  if (!response.ok) throw problemOf(response, text);
  return (text === '' ? undefined : JSON.parse(text)) as Answer;
}

async function send(fetchIt: typeof fetch, url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetchIt(url, init);
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ServiceProblem(0, `no answer from ${url.origin}`, [], undefined, error);
  }
}

function problemOf(response: Response, text: string): ServiceProblem {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const retryAfter = Number.isFinite(seconds) ? seconds : undefined;
  try {
    const { detail, title, errors } = JSON.parse(text);
    return new ServiceProblem(response.status, detail ?? title ?? text, errors, retryAfter);
  } catch {
    return new ServiceProblem(response.status, `the service answered ${response.status}`, [], retryAfter);
  }
}
