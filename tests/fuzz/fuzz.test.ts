import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import type { FuzzReport } from './run-fuzz.ts';

const PROGRAM = fileURLToPath(new URL('./fuzz.ts', import.meta.url));
const SUCCESS = /^(?:20\d|ok|taken)$/;

it('ten thousand changed payloads crash nothing, hang nothing, and are answered as their protocols say', async () => {
  // A process of its own: one that hangs can be ended, and its memory has a limit.
  const child = spawn(process.execPath, ['--max-old-space-size=512', PROGRAM, '--runs', '10000', '--json']);
  onTestFinished(() => void child.kill('SIGKILL'));
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  expect(errors).toBe('');
  const { outcomes, faults, memory } = JSON.parse(output) as FuzzReport;
  expect(faults).toEqual([]);
  expect(code).toBe(0);
  const reached = Object.entries(outcomes).filter(([, counts]) =>
    Object.keys(counts).some((word) => SUCCESS.test(word)),
  );
  expect(reached).toHaveLength(Object.keys(outcomes).length);
  expect(reached.length).toBeGreaterThan(20);
  expect(memory.most - memory.settled).toBeLessThan(300e6);
});
