import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { DeliveryStep } from '../../server/src/notifications/delivery-step.ts';

export interface DeliveryRunOptions {
  /** Of the SQLite file. */
  readonly path: string;
  /** Where its clock begins, Unix milliseconds. */
  readonly now: number;
  /** Those of `Notifications`. */
  readonly settings: object;
}

export type DeliveryCommand =
  | {
      readonly do: 'send';
      readonly requests: readonly object[];
      /** The process ends itself when one of these, or what comes of them, gets there. */
      readonly dieAt?: DeliveryStep;
    }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'jump'; readonly ms: number }
  | { readonly do: 'statuses' };

const MAIN = fileURLToPath(new URL('delivery-process.ts', import.meta.url));

/** The notification centre in a process that can be killed. */
export class DeliveryRun {
  readonly #child: ChildProcess;
  /** Its clock when it was last heard of. */
  now: number;
  #dead = false;
  readonly #ended: Promise<unknown>;

  private constructor(child: ChildProcess, now: number) {
    this.#child = child;
    this.now = now;
    this.#ended = once(child, 'exit').then(() => {
      this.#dead = true;
    });
  }

  static async start(options: DeliveryRunOptions): Promise<DeliveryRun> {
    const child = fork(MAIN, [JSON.stringify(options)], {
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const reap = () => child.kill('SIGKILL');
    process.once('exit', reap);
    const run = new DeliveryRun(child, options.now);
    void run.#ended.then(() => process.off('exit', reap));
    await Promise.race([once(child, 'message'), run.#ended]);
    return run;
  }

  get isDead(): boolean {
    return this.#dead;
  }

  /** What came of it; `undefined` where the process died over it. */
  async ask(command: DeliveryCommand): Promise<unknown> {
    if (this.#dead) return undefined;
    const answered = once(this.#child, 'message');
    this.#child.send(command, () => undefined);
    const first = await Promise.race([answered, this.#ended]);
    if (!Array.isArray(first)) return undefined;
    const { value, now, problem } = first[0] as { value: unknown; now: number; problem?: string };
    this.now = now;
    if (problem !== undefined) throw new Error(problem);
    return value;
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
