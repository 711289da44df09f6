import { apiKey, reportRefusal } from './credentials.ts';

/** Typed calls of the service; errors are RFC 9457 problems, those of `/api/v1/*` are Prometheus's own. */

interface FieldError {
  path: string;
  message: string;
}

interface Problem {
  title?: string;
  status?: number;
  detail?: string;
  errors?: FieldError[];
  did_you_mean?: string | string[];
}

/** An answer other than 2xx, or none (status 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly title: string;
  readonly fields: FieldError[];
  readonly suggestions: string[];

  constructor(status: number, problem: Problem) {
    super(problem.detail ?? problem.title ?? `the service answered ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.title = problem.title ?? (status === 0 ? 'Service not reachable' : `Error ${status}`);
    this.fields = problem.errors ?? [];
    this.suggestions = [problem.did_you_mean ?? []].flat();
  }

  /** What was asked is wrong: asked again, it fails again. */
  get isFinal(): boolean {
    return this.status >= 400 && this.status < 500 && this.status !== 408 && this.status !== 429;
  }
}

/** What the service says about one parameter or field, if the call failed for that. */
export function faultOf(error: Error | null, path: string): string | undefined {
  return error instanceof ApiError ? error.fields.find((field) => field.path === path)?.message : undefined;
}

export type Parameters = Record<string, string | number | boolean | readonly string[] | undefined>;

/** The address of a path of the service, whatever base it is served under. */
export function serviceUrl(path: string, parameters: Parameters = {}): URL {
  const url = new URL(path.replace(/^\//, ''), document.baseURI);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(one));
  }
  return url;
}

/** Where the service is reached, as one writes it: without a slash at its end. */
export function serviceOrigin(): string {
  return new URL('.', document.baseURI).href.replace(/\/$/, '');
}

async function call<Answer>(method: string, path: string, options: CallOptions): Promise<Answer> {
  const text = await callForText(method, path, options);
  return (text === undefined ? undefined : JSON.parse(text)) as Answer;
}

/** The body as it came; `undefined` where there is none. */
async function callForText(method: string, path: string, options: CallOptions): Promise<string | undefined> {
  const key = apiKey();
  const response = await send(serviceUrl(path, options.parameters), {
    method,
    headers: {
      accept: options.accept ?? 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(options.body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
    },
    ...(options.body === undefined ? {} : { body: textOf(options) }),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  if (response.status === 401) reportRefusal(key);
  if (response.status === 204) return undefined;
  const text = await response.text();
  if (!response.ok) throw new ApiError(response.status, readProblem(text));
  return text;
}

interface CallOptions {
  parameters?: Parameters | undefined;
  /** Sent as JSON, or as it is where `contentType` says what it is. */
  body?: unknown;
  contentType?: string;
  accept?: string;
  signal?: AbortSignal | undefined;
}

function textOf({ body, contentType }: CallOptions): string {
  return contentType === undefined ? JSON.stringify(body) : String(body);
}

async function send(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, {
      title: 'Service not reachable',
      detail: 'No answer from the service. Is it running, and is the network up?',
    });
  }
}

function readProblem(text: string): Problem {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return {};
    return 'error' in value ? fromPrometheus(value) : value;
  } catch {
    return {};
  }
}

function fromPrometheus({ error, errorType }: { error: unknown; errorType?: unknown }): Problem {
  return { title: errorType === 'bad_data' ? 'Query not understood' : 'Query failed', detail: String(error) };
}

export function get<Answer>(path: string, parameters?: Parameters, signal?: AbortSignal): Promise<Answer> {
  return call('GET', path, { parameters, signal });
}
/** An answer that is no JSON. */
export async function getText(path: string): Promise<string> {
  return (await callForText('GET', path, { accept: '*/*' })) ?? '';
}
export function post<Answer>(path: string, body: unknown, parameters?: Parameters): Promise<Answer> {
  return call('POST', path, { body, parameters });
}
/** Sends YAML as it was written. */
export function postYaml<Answer>(path: string, body: string, parameters?: Parameters): Promise<Answer> {
  return call('POST', path, { body, contentType: 'application/yaml', parameters });
}
export function put<Answer>(path: string, body: unknown): Promise<Answer> {
  return call('PUT', path, { body });
}
export function patch<Answer>(path: string, body: unknown): Promise<Answer> {
  return call('PATCH', path, { body });
}
export function remove(path: string): Promise<void> {
  return call('DELETE', path, {});
}
