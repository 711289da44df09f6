import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { missingProgram } from './debian-program.ts';

export const missingAmtool = () => missingProgram('amtool', 'amtool', 'prometheus-alertmanager');

/** Runs `amtool` against a service; gives what it prints, rejects where it fails. */
export async function amtool(url: string, ...words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('amtool', [`--alertmanager.url=${url}`, ...words]);
  return stdout;
}
