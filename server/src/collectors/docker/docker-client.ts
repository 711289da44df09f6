import http from 'node:http';
import https from 'node:https';
import { invalid } from '../../model/errors.ts';

/** The engine answered, but not with what was asked for. */
export class DockerError extends Error {
  override readonly name = 'DockerError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Thousands of containers stay far below. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_CONNECTIONS = 10;

type Target = { readonly socketPath: string } | { readonly host: string; readonly port: number };

/** The Docker Engine API by plain HTTP: GET and JSON. https://docs.docker.com/reference/api/engine/ */
export class DockerClient {
  readonly #host: string;
  readonly #target: Target;
  readonly #module: typeof http | typeof https;
  readonly #agent: http.Agent;

  /** `dockerHost` as in DOCKER_HOST: `unix:///var/run/docker.sock`, `tcp://host:2375`, `http://`, `https://`. */
  constructor(dockerHost: string) {
    const { target, secure } = parseDockerHost(dockerHost);
    this.#host = dockerHost;
    this.#target = target;
    this.#module = secure ? https : http;
    this.#agent = new this.#module.Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS });
  }

  /** Throws `DockerError` for an answer that is not 200, `Error` with a plain message where the engine is not reached. */
  async getJson(path: string, timeoutMs: number): Promise<unknown> {
    const { status, text } = await this.#get(path, timeoutMs);
    if (status === 200) return JSON.parse(text);
    throw new DockerError(status, `the engine answers ${status} to ${path}: ${messageOf(text)}`);
  }

  close(): void {
    this.#agent.destroy();
  }

  #get(path: string, timeoutMs: number): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(timeoutMs);
      const fail = (error: unknown) => reject(new Error(this.#explain(error), { cause: error }));
      const headers = { host: 'docker', accept: 'application/json' };
      const request = this.#module.get({ ...this.#target, path, headers, agent: this.#agent, signal }, (response) => {
        readText(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), fail);
      });
      request.on('error', fail);
    });
  }

  #explain(error: unknown): string {
    const { code, name, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return `there is no Docker engine at ${this.#host}`;
    if (code === 'EACCES') return `no permission to open ${this.#host}; run as a member of the group docker`;
    if (code === 'ECONNREFUSED') return `no Docker engine listens at ${this.#host}`;
    if (name === 'AbortError' || name === 'TimeoutError') return `the Docker engine at ${this.#host} does not answer`;
    return `the Docker engine at ${this.#host} cannot be reached: ${message}`;
  }
}

function parseDockerHost(dockerHost: string): { target: Target; secure: boolean } {
  const unix = /^unix:\/\/(\/.+)$/.exec(dockerHost);
  if (unix) return { target: { socketPath: unix[1]! }, secure: false };
  const url = /^(tcp|https?):\/\/[^/]/.test(dockerHost) && URL.parse(dockerHost.replace(/^tcp:/, 'http:'));
  if (!url) {
    const message = 'use unix:///path/to/docker.sock, tcp://host:2375 or https://host:2376';
    throw invalid({ path: 'DOCKER_HOST', message: `"${dockerHost}" is not an address of an engine; ${message}` });
  }
  const secure = url.protocol === 'https:';
  const port = Number(url.port || (secure ? 2376 : 2375));
  return { target: { host: url.hostname.replace(/^\[|\]$/g, ''), port }, secure };
}

async function readText(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function messageOf(text: string): string {
  try {
    return String((JSON.parse(text) as { message?: unknown }).message ?? text).slice(0, 200);
  } catch {
    return text.slice(0, 200);
  }
}
