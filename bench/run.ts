/**
 * `npm run bench -- NAME [arguments] [--out FILE]`: runs one of the benchmarks beside this file, or `all` of them one
 * after the other. What they print to the standard output is Markdown; with `--out` it is also written into the file.
 */
import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** In this order; those that compare round by round take the rounds as an argument. */
const ALL: readonly { readonly name: string; readonly takesRounds: boolean }[] = [
  { name: 'ingest', takesRounds: true },
  { name: 'metrics', takesRounds: true },
  { name: 'replay', takesRounds: true },
  { name: 'series', takesRounds: false },
  { name: 'scrape', takesRounds: false },
  { name: 'alertmanager', takesRounds: true },
  { name: 'rules', takesRounds: false },
  { name: 'inbox', takesRounds: false },
  { name: 'notify', takesRounds: false },
  { name: 'outbox', takesRounds: false },
  { name: 'contention', takesRounds: true },
  { name: 'idle', takesRounds: false },
];

const { name, rest, out } = readArguments(process.argv.slice(2));
if (name !== 'all' && !ALL.some((benchmark) => benchmark.name === name)) {
  console.error(
    `usage: npm run bench -- all|${ALL.map((benchmark) => benchmark.name).join('|')} [arguments] [--out FILE]`,
  );
  process.exit(2);
}
if (out !== undefined) writeFileSync(out, `${machine()}\n`);
process.exitCode = name === 'all' ? await runAll() : await run(name, rest);

function readArguments(words: readonly string[]): { name: string; rest: string[]; out: string | undefined } {
  const [first = '', ...others] = words;
  const at = others.indexOf('--out');
  if (at === -1) return { name: first, rest: others, out: undefined };
  const file = others[at + 1];
  if (file === undefined) {
    console.error('--out needs a file');
    process.exit(2);
  }
  return { name: first, rest: others.toSpliced(at, 2), out: file };
}

function pathOf(benchmark: string): string {
  return fileURLToPath(new URL(`./${benchmark}.ts`, import.meta.url));
}

/** What the figures were measured on, in a line. */
function machine(): string {
  const processors = cpus();
  const gib = Math.round(totalmem() / 1024 ** 3);
  const day = new Date().toISOString().slice(0, 10);
  return `${day}: ${processors.length} x ${processors[0]?.model.trim()}, ${gib} GiB, Linux ${release()}, Node ${process.version.slice(1)}.`;
}

/** The workloads are made once for all. A benchmark that fails does not keep the others from running. */
async function runAll(): Promise<number> {
  const workload = mkdtempSync(join(tmpdir(), 'bench-workload-'));
  process.once('exit', () => rmSync(workload, { recursive: true, force: true }));
  let failures = 0;
  for (const { name: benchmark, takesRounds } of ALL) {
    console.error(`\n===== ${benchmark}`);
    const code = await run(benchmark, takesRounds ? rest : [], { BENCH_WORKLOAD: workload });
    if (code === 0) continue;
    console.error(`${benchmark} ended with ${code}`);
    failures++;
  }
  return failures > 0 ? 1 : 0;
}

function run(benchmark: string, words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
  const child = spawn(process.execPath, [pathOf(benchmark), ...words], {
    stdio: ['inherit', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  child.stdout.on('data', (chunk: Buffer) => {
    process.stdout.write(chunk);
    if (out !== undefined) appendFileSync(out, chunk);
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)));
}
