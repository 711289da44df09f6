import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';

/** Folder of PostgreSQL's server programs, or `undefined` where there are none. */
export function findPostgres(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl')));
}

/**
 * A throw-away server on a socket of its own, started by the first test file of a run that asks for it and shared by
 * the rest. It stops when the test run (the parent process) is gone, however that ends.
 */
export function postgresServer(programs: string): { socketFolder: string; user: string } {
  const folder = join(tmpdir(), `control-test-${process.ppid}`);
  const user = process.getuid?.() === 0 ? 'postgres' : userInfo().username;
  const ready = join(folder, 'ready');
  if (claim(folder)) start(programs, folder, user);
  for (let tries = 0; !existsSync(ready); tries++) {
    if (tries > 600) throw new Error(`PostgreSQL did not start; see ${join(folder, 'log')}`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  }
  return { socketFolder: readFileSync(ready, 'utf8'), user };
}

/** True for the one process that made the folder. */
function claim(folder: string): boolean {
  try {
    mkdirSync(folder, { mode: 0o755 });
    return true;
  } catch {
    return false;
  }
}

function start(programs: string, folder: string, user: string): void {
  const data = mkdtempSync(join(tmpdir(), 'pg-'));
  if (process.getuid?.() === 0) execFileSync('chown', [user, data]);
  runAs(user, join(programs, 'initdb'), ['-A', 'trust', '-N', '-E', 'UTF8', '--locale=C', '-U', user, '-D', data]);
  const settings = `-c listen_addresses= -c unix_socket_directories=${data} -c fsync=off -c max_connections=200`;
  const log = join(data, 'server.log');
  runAs(user, join(programs, 'pg_ctl'), ['-D', data, '-l', log, '-w', '-t', '30', '-o', settings, 'start']);
  stopWhenGone(programs, data, folder, user);
  writeFileSync(join(folder, 'ready.new'), data);
  execFileSync('mv', [join(folder, 'ready.new'), join(folder, 'ready')]);
}

function runAs(user: string, program: string, parameters: readonly string[]): void {
  const command = process.getuid?.() === 0 ? ['runuser', '-u', user, '--', program] : [program];
  execFileSync(command[0]!, [...command.slice(1), ...parameters], { stdio: 'ignore', cwd: tmpdir() });
}

/** A small shell that outlives the test process and cleans up after the run. */
function stopWhenGone(programs: string, data: string, folder: string, user: string): void {
  const asUser = process.getuid?.() === 0 ? `runuser -u ${user} -- ` : '';
  const script = `while kill -0 ${process.ppid} 2>/dev/null; do sleep 1; done
cd /; ${asUser}'${join(programs, 'pg_ctl')}' -D '${data}' -m immediate stop >/dev/null 2>&1; rm -rf '${data}' '${folder}'`;
  spawn('sh', ['-c', script], { detached: true, stdio: 'ignore' }).unref();
}
