/**
 * Completes package-lock.json with the platform packages that npm leaves out.
 *
 * `npm ci` refuses a lock file that lacks an optional dependency of another platform ("Missing: ... from lock file"),
 * and npm omits those whose manifest it could not read. Run it after `npm install`; `--check` fails instead of writing.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface LockedPackage {
  version?: string;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  optionalDependencies?: Record<string, string>;
}

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, LockedPackage> };
const knownSystems = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const knownProcessors = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

function isLocked(parent: string, name: string): boolean {
  const nested = `${parent}/node_modules/${name}`;
  return nested in lock.packages || `node_modules/${name}` in lock.packages;
}

const missing: string[] = [];
for (const [parent, locked] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(locked.optionalDependencies ?? {})) {
    if (isLocked(parent, name)) continue;
    const words = name.split(/[-/]/);
    const os = knownSystems.filter((system) => words.includes(system));
    const cpu = knownProcessors.filter((processor) => words.includes(processor));
    if (os.length === 0 && cpu.length === 0) continue;
    missing.push(`${name}@${version} (of ${parent || 'the workspace'})`);
    lock.packages[`node_modules/${name}`] = {
      version: version.replace(/^[\^~]/, ''),
      optional: true,
      ...(os.length > 0 && { os }),
      ...(cpu.length > 0 && { cpu }),
    };
  }
}

if (missing.length === 0) {
  console.log('package-lock.json is complete');
} else if (process.argv.includes('--check')) {
  console.error(`package-lock.json lacks:\n  ${missing.join('\n  ')}\nrun: node scripts/complete-lock.ts`);
  process.exitCode = 1;
} else {
  const [root = {}, ...rest] = Object.entries(lock.packages).map(([key, value]) => ({ [key]: value }));
  rest.sort((a, b) => Object.keys(a)[0]!.localeCompare(Object.keys(b)[0]!, 'en'));
  lock.packages = Object.assign({}, root, ...rest);
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`added to package-lock.json:\n  ${missing.join('\n  ')}`);
}
