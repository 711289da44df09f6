import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerAddress } from '../../server/src/stores/telemetry/index.ts';

const PROGRAM = fileURLToPath(new URL('./click-house-server.main.ts', import.meta.url));

export interface ServerOptions {
  readonly path: string;
  /** 0: any free one. */
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** PEM. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** What goes wrong with the next request whose SQL contains `on`. */
export type Fault = { readonly on: string } & (
  | { readonly do: 'drop' | 'drop-after' | 'drop-half' }
  | { readonly do: 'fail'; readonly code: number; readonly message: string }
);

/** A small ClickHouse server as a process of its own: see the program. */
export class ClickHouseServer {
  readonly #options: ServerOptions;
  #child: ChildProcess;
  port: number;

  private constructor(options: ServerOptions, child: ChildProcess, port: number) {
    this.#options = options;
    this.#child = child;
    this.port = port;
  }

  static async start(options: Partial<ServerOptions> = {}): Promise<ClickHouseServer> {
    const all = {
      path: mkdtempSync(join(tmpdir(), 'click-house-server-')),
      port: 0,
      user: 'monitoring',
      password: 'p@ss:word/1',
      ...options,
    };
    const { child, port } = await spawn(all);
    return new ClickHouseServer({ ...all, port }, child, port);
  }

  get origin(): string {
    return `${this.#options.tls ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  get user(): string {
    return this.#options.user;
  }

  get password(): string {
    return this.#options.password;
  }

  get address(): ServerAddress {
    return { origin: this.origin, user: this.user, password: this.password, database: 'otel' };
  }

  /** As a setting would name it. */
  url(database = 'otel'): string {
    const url = new URL(this.origin);
    url.username = encodeURIComponent(this.user);
    url.password = encodeURIComponent(this.password);
    return `${url.origin.replace('//', `//${url.username}:${url.password}@`)}/${database}`;
  }

  /** The next request whose SQL contains `fault.on` meets it; one request each. */
  async arm(fault: Fault): Promise<void> {
    this.#child.send(fault);
    await once(this.#child, 'message');
  }

  /** Ends the process at once; `restart` brings it back with its data and on its port. */
  async kill(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  async restart(): Promise<void> {
    this.#child = (await spawn(this.#options)).child;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill();
    rmSync(this.#options.path, { recursive: true, force: true });
  }
}

async function spawn(options: ServerOptions): Promise<{ child: ChildProcess; port: number }> {
  const child = fork(PROGRAM, [JSON.stringify(options)], {
    execArgv: [],
    env: { ...process.env, UV_THREADPOOL_SIZE: '24' },
  });
  const reap = () => child.kill('SIGKILL');
  process.once('exit', reap);
  child.once('exit', () => process.off('exit', reap));
  const early = once(child, 'exit').then(([code]) => {
    throw new Error(`the small ClickHouse server ended with ${code}`);
  });
  const [{ port }] = (await Promise.race([once(child, 'message'), early])) as [{ port: number }];
  early.catch(() => undefined);
  return { child, port };
}
