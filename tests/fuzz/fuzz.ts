/**
 * `npm run fuzz -- [--runs 10000] [--seed 1] [--only <run>]`: changed payloads to every receiver, in this process.
 * With `CONFORMANCE_DIR` the payloads of the conformance suites take part. A fault names the run that shows it again.
 */
import { parseArgs } from 'node:util';
import { runFuzz } from './run-fuzz.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const numbers = { runs: Number(values.runs), seed: Number(values.seed), only: Number(values.only ?? 0) };
for (const [name, number] of Object.entries(numbers)) {
  if (Number.isSafeInteger(number) && number >= 0) continue;
  process.stderr.write(`--${name}: use a whole number from 0\n`);
  process.exit(2);
}
const { runs, seed } = numbers;
const report = await runFuzz({
  runs,
  seed,
  only: values.only === undefined ? undefined : numbers.only,
  // Where a run never ends, the last line says which ones are in question.
  onProgress: (run) => {
    if (!values.json) process.stderr.write(`seed ${seed}, run ${run}\n`);
  },
});

if (values.json) process.stdout.write(JSON.stringify(report));
else {
  const print = (line: string) => process.stdout.write(`${line}\n`);
  for (const [target, outcomes] of Object.entries(report.outcomes).sort()) {
    const counts = Object.entries(outcomes).map(([outcome, count]) => `${outcome} ${count}`);
    print(`${target.padEnd(80)} ${counts.join(', ')}`);
  }
  const mib = (bytes: number) => `${Math.round(bytes / 1024 ** 2)} MiB`;
  print(`slowest run: ${Math.round(report.slowestMs)} ms of processor time`);
  print(`memory: ${mib(report.memory.settled)} after a fifth, at most ${mib(report.memory.most)} then`);
  for (const { run, target, error } of report.faults) {
    print(`\nFAULT in ${target}, shown again by --seed ${seed} --only ${run}\n${error}`);
  }
}
process.exitCode = report.faults.length > 0 ? 1 : 0;
