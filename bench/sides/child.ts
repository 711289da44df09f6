import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 30_000;

export interface Child {
  readonly pid: number;
  /** SIGTERM, and SIGKILL where that does not help. */
  stop(): Promise<void>;
}

/** Runs a program until `stop`, at the latest until this process ends. */
export function startChild(program: string, words: readonly string[]): Child & { readonly process: ChildProcess } {
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let printed = '';
  child.stderr.on('data', (chunk: Buffer) => {
    printed = (printed + chunk.toString()).slice(-2000);
  });
  let stopping = false;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const reap = () => child.kill('SIGKILL');
  // Before the handler that removes its folder.
  process.prependOnceListener('exit', reap);
  child.once('exit', (code, signal) => {
    process.off('exit', reap);
    if (!stopping) console.error(`${program} ended by itself (${code ?? signal}):\n${printed}`);
  });
  return {
    process: child,
    pid: child.pid!,
    stop: async () => {
      stopping = true;
      child.kill('SIGTERM');
      const timer = setTimeout(reap, STOP_WITHIN_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Asks until the answer is a success. */
export async function waitUntilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    const answer = await fetch(url).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    await pause(20);
  }
  throw new Error(`${url} did not answer within ${READY_WITHIN_MS / 1000} s`);
}
