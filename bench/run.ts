/** `npm run bench -- NAME [arguments]`: runs one of the benchmarks beside this file. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [name = '', ...rest] = process.argv.slice(2);
const path = fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
if (name === '' || name === 'run' || !existsSync(path)) {
  const names = readdirSync(new URL('.', import.meta.url))
    .filter((file) => file.endsWith('.ts') && file !== 'run.ts')
    .map((file) => file.slice(0, -3));
  console.error(`usage: npm run bench -- ${names.join('|')}`);
  process.exit(2);
}
spawn(process.execPath, [path, ...rest], { stdio: 'inherit' }).on('exit', (code) => process.exit(code ?? 1));
