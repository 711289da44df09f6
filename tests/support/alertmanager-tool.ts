import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

/** Why `amtool` cannot be used here, or `undefined`; with CI=true a missing one fails. */
export function missingAmtool(): string | undefined {
  try {
    execFileSync('amtool', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    const message = 'the command "amtool" is not installed (Debian: apt-get install prometheus-alertmanager)';
    if (process.env.CI === 'true') throw new Error(message);
    process.stderr.write(`SKIPPED: amtool: ${message}\n`);
    return message;
  }
}

/** Runs `amtool` against a service; gives what it prints, rejects where it fails. */
export async function amtool(url: string, ...words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('amtool', [`--alertmanager.url=${url}`, ...words]);
  return stdout;
}
