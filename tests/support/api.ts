/** An answer of the service: its status, headers and JSON (or `undefined` where the body is none). */
export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

// biome-ignore lint/suspicious/noExplicitAny: the tests assert the shape of what they read
type Anything = any;

/** A small client that never throws for a status, so that tests can assert it. */
export function apiOf(url: string) {
  const call = async <Body = Anything>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<Body>> => {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: isRaw ? (body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parse(text) as Body };
  };
  return {
    get: <Body = Anything>(path: string, headers?: Record<string, string>) =>
      call<Body>('GET', path, undefined, headers),
    post: <Body = Anything>(path: string, body: unknown, headers?: Record<string, string>) =>
      call<Body>('POST', path, body, headers),
    put: <Body = Anything>(path: string, body: unknown) => call<Body>('PUT', path, body),
    delete: <Body = Anything>(path: string) => call<Body>('DELETE', path),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text === '' ? undefined : text;
  }
}
