/** `npm run faults -- [--rounds 50] [FILE ...]`: every fault again and again, one file after the other; for the night. */
import { spawn } from 'node:child_process';
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
const words = ['run', '--dir', 'tests/faults', '--maxWorkers=1'];
const child = spawn('vitest', [...words, ...positionals], {
  stdio: 'inherit',
  env: { ...process.env, FAULT_ROUNDS: values.rounds },
});
child.once('close', (code) => {
  process.exitCode = code ?? 1;
});
