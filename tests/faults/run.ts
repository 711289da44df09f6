/** `npm run faults -- [--rounds 50] [FILE ...]`: every fault again and again, one file after the other; for the night. */
import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '50' } },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  process.stderr.write('--rounds: use a whole number from 1\n');
  process.exit(2);
}
// Names are parts of paths; vitest's `--dir` does not hold for projects.
const files = positionals.length > 0 ? positionals.map((name) => `tests/faults/${basename(name)}`) : ['tests/faults/'];
const child = spawn('vitest', ['run', '--maxWorkers=1', ...files], {
  stdio: 'inherit',
  env: { ...process.env, FAULT_ROUNDS: values.rounds },
});
child.once('close', (code) => {
  process.exitCode = code ?? 1;
});
