import { execFileSync, spawn } from 'node:child_process';

/** Why a program cannot run here, or `undefined`; with CI=true a missing one fails. */
export function missingProgram(program: string, what: string, debianPackage = program): string | undefined {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    const message = `the command "${program}" is not installed (Debian: apt-get install ${debianPackage})`;
    if (process.env.CI === 'true') throw new Error(message);
    process.stderr.write(`SKIPPED: ${what}: ${message}\n`);
    return message;
  }
}

export interface DebianServer {
  readonly pid: number;
  /** SIGKILL; resolves when the process is gone. */
  stop(): Promise<void>;
}

/** Runs a server of Debian until `stop`, at the latest until this process ends; resolves once `readyUrl` answers. */
export async function startDebianServer(
  program: string,
  words: readonly string[],
  readyUrl: string,
): Promise<DebianServer> {
  const child = spawn(program, words, { stdio: 'ignore' });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const reap = () => child.kill('SIGKILL');
  process.once('exit', reap);
  void exited.then(() => process.off('exit', reap));
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  const deadline = performance.now() + 20_000;
  while (!(await answers(readyUrl))) {
    if (performance.now() > deadline || child.exitCode !== null) {
      await stop();
      throw new Error(`${program} does not answer`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return { pid: child.pid!, stop };
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url).catch(() => undefined);
  await response?.body?.cancel();
  return response?.ok ?? false;
}
