import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BUILT = join(ROOT, 'console/dist/index.html');

/** Builds the console where its sources are newer than what was built, so that no test looks at an old one. */
export function buildConsole(): void {
  if (existsSync(BUILT) && statSync(BUILT).mtimeMs > newestSource()) return;
  // The test runner's NODE_ENV would give React's development build.
  const env = { ...process.env, NODE_ENV: 'production' };
  execFileSync('npm', ['run', 'build', '--workspace', 'console'], { cwd: ROOT, stdio: 'pipe', env });
}

function newestSource(): number {
  const sources = readdirSync(join(ROOT, 'console/src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const files = [...sources, join(ROOT, 'console/index.html'), join(ROOT, 'console/vite.config.ts')];
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}
