/**
 * Renews the module graph of ARCHITECTURE.md from the imports of the code; `--check` fails when it is stale.
 * `model` and `lib` are left out: everything may use them.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

interface Cruise {
  modules: { source: string; dependencies: { resolved: string }[] }[];
}

const path = new URL('../ARCHITECTURE.md', import.meta.url);
const MARKED = /(<!-- module graph: generated -->\n)[\s\S]*?(<!-- end of module graph -->)/;
const EVERYWHERE = ['model', 'lib'];
/** From the senders to the receivers of notifications, so that the drawing does not jump with each new import. */
const ORDER = [
  'app',
  'api',
  'receivers',
  'collectors',
  'pipeline',
  'alerting',
  'analysis',
  'notifications',
  'channels',
  'access',
  'query',
  'stores',
  'http',
  'config',
];

function moduleOf(file: string): string | undefined {
  if (/\.test\.ts$/.test(file)) return undefined;
  return /^server\/src\/([^/]+)\//.exec(file)?.[1];
}

function drawGraph(): string {
  const output = execFileSync(
    'depcruise',
    ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'server/src'],
    { maxBuffer: 256 * 1024 * 1024, encoding: 'utf8' },
  );
  const edges = new Set<string>();
  for (const { source, dependencies } of (JSON.parse(output) as Cruise).modules) {
    const from = moduleOf(source);
    for (const { resolved } of dependencies) {
      const to = moduleOf(resolved);
      if (from && to && from !== to && !EVERYWHERE.includes(from) && !EVERYWHERE.includes(to))
        edges.add(`${from} --> ${to}`);
    }
  }
  const rank = (edge: string) =>
    edge
      .split(' --> ')
      .map((name) => String.fromCharCode(97 + ORDER.indexOf(name)))
      .join('');
  const lines = [...edges].sort((a, b) => rank(a).localeCompare(rank(b), 'en')).map((edge) => `  ${edge}`);
  return ['```mermaid', 'flowchart TD', ...lines, '```', ''].join('\n');
}

const text = readFileSync(path, 'utf8');
const renewed = text.replace(MARKED, (_, open: string, close: string) => `${open}${drawGraph()}${close}`);
if (renewed === text) {
  console.log('the module graph is up to date');
} else if (process.argv.includes('--check')) {
  console.error('the module graph of ARCHITECTURE.md is stale; run: npm run docs');
  process.exitCode = 1;
} else {
  writeFileSync(path, renewed);
  console.log('the module graph was renewed');
}
