import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from './child-environment.ts';

const MAIN = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));

export interface TestServiceOptions {
  /** Settings besides the free ports, the temporary DATA_DIR and quiet defaults. */
  readonly env?: Readonly<Record<string, string>>;
  /** An existing data directory, kept at `stop()`: for restarts. */
  readonly dataDir?: string;
  /** What to run in place of the sources, program and arguments: an installed package's command, `npm start`'s. */
  readonly command?: readonly [string, ...string[]];
}

export interface TestService {
  readonly url: string;
  readonly pid: number;
  readonly dataDir: string;
  /** What the service has printed so far. */
  output(): string;
  /** SIGTERM; resolves with the exit code. Removes the data directory unless it was given. */
  stop(): Promise<number | null>;
  /** SIGKILL; resolves when the process is gone. The data directory stays. */
  kill(): Promise<void>;
}

/** Starts the real service as a process of its own and waits until it is ready. */
export async function startTestService(options: TestServiceOptions = {}): Promise<TestService> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'system-service-'));
  const [program, ...words] = options.command ?? [process.execPath, MAIN];
  const child = spawn(program, words, {
    cwd: dataDir,
    env: {
      ...childEnvironment(),
      HOME: process.env.HOME ?? '/',
      PORT: '0',
      OTLP_HTTP_PORT: '0',
      OTLP_GRPC_PORT: '0',
      DATA_DIR: dataDir,
      DOCKER_HOST: 'unix:///nowhere/docker.sock',
      LOG_FORMAT: 'json',
      LOG_LEVEL: 'warn',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  // A test that fails before its stop() leaves no orphan behind.
  const reap = () => child.kill('SIGKILL');
  process.once('exit', reap);
  void exited.then(() => process.off('exit', reap));
  let printed = '';
  const url = await readyUrl(child, exited, (chunk) => {
    printed += chunk;
    return printed;
  });
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exited;
  };
  return {
    url,
    pid: child.pid!,
    dataDir,
    output: () => printed,
    stop: async () => {
      const code = await end('SIGTERM');
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
      return code;
    },
    kill: async () => {
      await end('SIGKILL');
    },
  };
}

/** The service prints `ready at <url>` once it is. */
function readyUrl(
  child: ChildProcess,
  exited: Promise<number | null>,
  collect: (chunk: string) => string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      const match = /ready at (http:\/\/\S+)/.exec(collect(chunk.toString()));
      if (match) resolve(match[1]!.replace(/\/$/, ''));
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    void exited.then((code) =>
      reject(new Error(`the service ended with ${code} before it was ready:\n${collect('')}`)),
    );
  });
}
