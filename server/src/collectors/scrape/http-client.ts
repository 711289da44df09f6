import { readFile } from 'node:fs/promises';
import { BlockList, isIP } from 'node:net';
import { resolve } from 'node:path';
import type { Dispatcher } from 'undici';
import type { HttpOptions, Secret } from './http-options.ts';
import { OAuth2Token } from './oauth2-token.ts';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: AsyncIterable<Buffer> & { destroy(): void };
}

type Undici = typeof import('undici');

const MOST_REDIRECTS = 10;
const MOST_TOKEN_BYTES = 1024 * 1024;
/** Longer than common scrape intervals, so that connections are used again. */
const KEEP_ALIVE_MS = 300_000;

/** GET with the credentials, TLS and proxy of a job. Files of secrets are read anew for each use. */
export class HttpClient {
  readonly #options: HttpOptions;
  readonly #directory: string;
  readonly #socketPath: string | undefined;
  #dispatcher: Dispatcher | undefined;
  #direct: Dispatcher | undefined;
  #tls = '';
  readonly #tokens: HttpClient | undefined;
  readonly #token: OAuth2Token | undefined;

  /** `directory`: where relative names of files begin. `socketPath`: a Unix socket in place of the host of the URL. */
  constructor(options: HttpOptions, directory: string, socketPath?: string) {
    this.#options = options;
    this.#directory = directory;
    this.#socketPath = socketPath;
    const { oauth2 } = options;
    if (!oauth2) return;
    const tokens = new HttpClient(oauth2.http, directory);
    this.#tokens = tokens;
    this.#token = new OAuth2Token(
      oauth2,
      (secret) => this.#read(secret),
      (...request) => tokens.#post(...request),
    );
  }

  /** Rejects with an `Error` whose message may be shown. The caller reads the body or destroys it. */
  get(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpAnswer> {
    return this.#request('GET', url, headers, undefined, signal);
  }

  async #post(url: string, form: URLSearchParams, headers: Readonly<Record<string, string>>, signal: AbortSignal) {
    const all = { ...headers, accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' };
    const { status, body } = await this.#request('POST', url, all, form.toString(), signal);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body) {
      size += chunk.length;
      if (size > MOST_TOKEN_BYTES) throw new Error('the answer of the server of tokens is too long');
      chunks.push(chunk);
    }
    return { status, text: Buffer.concat(chunks).toString() };
  }

  async #request(
    method: 'GET' | 'POST',
    url: string,
    headers: Readonly<Record<string, string>>,
    content: string | undefined,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    try {
      const dispatcher = await this.#dispatcherFor(new URL(url));
      const all = { ...headers, ...(await this.#ownHeaders(signal)) };
      const parsed = new URL(url);
      const path = parsed.pathname + parsed.search;
      const { statusCode, ...answer } = await dispatcher.request({
        origin: parsed.origin,
        path,
        method,
        headers: all,
        ...(content !== undefined && { body: content }),
        signal,
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      // An answer that is cut off by its end of time tells so to whoever reads it; nobody else needs to hear it.
      answer.body.on('error', () => {});
      return { status: statusCode, headers: answer.headers, body: answer.body };
    } catch (error) {
      throw signal.aborted ? error : new Error(explain(error as NodeJS.ErrnoException), { cause: error });
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#dispatcher?.destroy(), this.#direct?.destroy(), this.#tokens?.close()]);
  }

  async #ownHeaders(signal: AbortSignal): Promise<Record<string, string | string[]>> {
    const { basicAuth, authorization, headers } = this.#options;
    const own: Record<string, string | string[]> = {};
    for (const [name, secrets] of Object.entries(headers)) {
      own[name] = await Promise.all(secrets.map((secret) => this.#read(secret)));
    }
    if (authorization) own.authorization = `${authorization.type} ${await this.#read(authorization.credentials)}`;
    if (basicAuth) {
      const pair = `${await this.#read(basicAuth.username)}:${await this.#read(basicAuth.password)}`;
      own.authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
    }
    if (this.#token) own.authorization = await this.#token.header(signal);
    return own;
  }

  async #read(secret: Secret): Promise<string> {
    if ('text' in secret) return secret.text;
    try {
      return (await readFile(resolve(this.#directory, secret.file), 'utf8')).trim();
    } catch (error) {
      throw new Error(`the file ${secret.file} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
    }
  }

  /** Made anew when a certificate or a key has changed. */
  async #dispatcherFor(url: URL): Promise<Dispatcher> {
    const { ca, cert, key } = this.#options.tls;
    const [caText, certText, keyText] = await Promise.all(
      [ca, cert, key].map((secret) => (secret ? this.#read(secret) : undefined)),
    );
    const tls = JSON.stringify([caText, certText, keyText]);
    // Loaded with the first target: most services scrape nothing.
    const undici = await import('undici');
    if (!this.#dispatcher || tls !== this.#tls) {
      const before = this.#dispatcher;
      this.#tls = tls;
      this.#dispatcher = this.#make(undici, this.#connectOptions(caText, certText, keyText));
      void before?.close();
    }
    const { proxyUrl, noProxy } = this.#options;
    if (proxyUrl === undefined || !isExcluded(url, noProxy)) return this.#dispatcher;
    this.#direct ??= this.#withRedirects(
      undici,
      new undici.Agent(this.#agentOptions(this.#connectOptions(caText, certText, keyText))),
    );
    return this.#direct;
  }

  #connectOptions(ca: string | undefined, cert: string | undefined, key: string | undefined) {
    const { serverName, insecureSkipVerify, minVersion, maxVersion } = this.#options.tls;
    return {
      ...(this.#socketPath !== undefined && { socketPath: this.#socketPath }),
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(serverName !== undefined && { servername: serverName }),
      ...(minVersion !== undefined && { minVersion }),
      ...(maxVersion !== undefined && { maxVersion }),
      rejectUnauthorized: !insecureSkipVerify,
      // The end of time of a scrape is its signal's.
      timeout: 0,
    };
  }

  #agentOptions(connect: object) {
    const allowH2 = this.#options.enableHttp2;
    return { connect: { ...connect, allowH2 }, allowH2, keepAliveTimeout: KEEP_ALIVE_MS, pipelining: 1 };
  }

  #make(undici: Undici, connect: object): Dispatcher {
    const { proxyUrl, proxyFromEnvironment, proxyConnectHeaders } = this.#options;
    const agent = this.#agentOptions(connect);
    if (proxyFromEnvironment)
      return this.#withRedirects(undici, new undici.EnvHttpProxyAgent({ ...agent, requestTls: connect }));
    if (proxyUrl === undefined) return this.#withRedirects(undici, new undici.Agent(agent));
    const { username, password } = new URL(proxyUrl);
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return this.#withRedirects(
      undici,
      new undici.ProxyAgent({
        keepAliveTimeout: KEEP_ALIVE_MS,
        uri: proxyUrl,
        requestTls: connect,
        // Plain HTTP is asked of the proxy itself, as is common; TLS goes through a tunnel.
        proxyTunnel: false,
        headers: Object.fromEntries(
          Object.entries(proxyConnectHeaders).map(([name, values]) => [name, values.join(', ')]),
        ),
        ...(username !== '' && { token: `Basic ${Buffer.from(credentials).toString('base64')}` }),
      }),
    );
  }

  #withRedirects({ interceptors }: Undici, dispatcher: Dispatcher): Dispatcher {
    if (!this.#options.followRedirects) return dispatcher;
    return dispatcher.compose(interceptors.redirect({ maxRedirections: MOST_REDIRECTS, throwOnMaxRedirect: true }));
  }
}

/** True where `no_proxy` names the host: `*`, a domain and what is below it, an address, a network, each with a port or none. */
function isExcluded(url: URL, entries: readonly string[]): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return entries.some((entry) => {
    if (entry === '*') return true;
    if (entry.includes('/')) return isIP(host) !== 0 && isInNetwork(host, entry);
    const [, name = entry, wanted] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
    if (isIP(entry) === 0 && wanted !== undefined && wanted !== port) return false;
    const domain = (isIP(entry) === 0 ? name : entry).replace(/^\*?\./, '').toLowerCase();
    return host === domain || host.endsWith(`.${domain}`);
  });
}

function isInNetwork(host: string, network: string): boolean {
  const [address = '', bits = ''] = network.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  try {
    const block = new BlockList();
    block.addSubnet(address, Number(bits), family);
    return block.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
  } catch {
    return false;
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'the name of the host is not known',
  EAI_AGAIN: 'the name server does not answer',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_SOCKET: 'the connection was closed before the answer ended',
};

function explain(error: NodeJS.ErrnoException): string {
  if (/redirect/i.test(error.message)) return `redirects lead nowhere, after at most ${MOST_REDIRECTS} of them`;
  const cause = (error.cause ?? error) as NodeJS.ErrnoException & { errors?: NodeJS.ErrnoException[] };
  const code = cause.code ?? cause.errors?.[0]?.code ?? error.code;
  return (code !== undefined && REASONS[code]) || cause.message || error.message || String(code);
}
