import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { DataDirectoryError, openDataDirectory } from './data-directory.ts';

let path: string;

beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'data-directory-')), 'data');
});

afterEach(() => rmSync(join(path, '..'), { recursive: true, force: true }));

/** A process that takes the directory and keeps it, whatever the garbage collector does. */
async function holder() {
  const script = `import { openDataDirectory } from ${JSON.stringify(new URL('./data-directory.ts', import.meta.url).href)};
    openDataDirectory(${JSON.stringify(path)}); gc(); setImmediate(gc); console.log('taken'); setInterval(gc, 20);`;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return child;
}

describe('openDataDirectory', () => {
  it('makes the directory and says who has it', () => {
    const directory = openDataDirectory(path);
    expect(readFileSync(join(path, 'PID'), 'utf8')).toBe(`${process.pid}\n`);
    expect(readFileSync(join(path, 'VERSION'), 'utf8')).toBe('1\n');
    directory.release();
    expect(existsSync(join(path, 'PID'))).toBe(false);
    openDataDirectory(path).release();
  });

  it('refuses a directory that another process holds, until that one dies', async () => {
    const child = await holder();
    expect(() => openDataDirectory(path)).toThrow(DataDirectoryError);
    expect(() => openDataDirectory(path)).toThrow(
      new RegExp(`in use by the process ${child.pid}; stop that one first`),
    );
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
    expect(existsSync(join(path, 'PID'))).toBe(true);
    openDataDirectory(path).release();
  });

  it('refuses to be opened twice by one process', () => {
    const directory = openDataDirectory(path);
    expect(() => openDataDirectory(path)).toThrow(/in use/);
    directory.release();
  });

  it.each([
    ['2', /written by a newer release \(layout 2/],
    ['what', /should hold a number/],
  ])('refuses the version %s', (version, message) => {
    openDataDirectory(path).release();
    writeFileSync(join(path, 'VERSION'), version);
    expect(() => openDataDirectory(path)).toThrow(message);
    writeFileSync(join(path, 'VERSION'), '1');
    openDataDirectory(path).release();
  });

  it('says why a directory cannot be used', () => {
    writeFileSync(path, 'a file');
    expect(() => openDataDirectory(path)).toThrow(/cannot be used/);
  });
});
