import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from './child-environment.ts';

export interface Ended {
  readonly code: number;
  /** Standard output and error. */
  readonly output: string;
}

/** Runs a command of the service (`keys`, `backup`, ...) as a process of its own. */
export function runCommand(command: string, words: readonly string[], env: Record<string, string>): Promise<Ended> {
  const file = fileURLToPath(new URL(`../../server/src/${command}.ts`, import.meta.url));
  return new Promise((resolve) => {
    const options = { env: { ...childEnvironment(), ...env }, cwd: env.DATA_DIR ?? '/' };
    execFile(process.execPath, [file, ...words], options, (error, stdout, stderr) =>
      resolve({ code: (error?.code as number | undefined) ?? 0, output: stdout + stderr }),
    );
  });
}
