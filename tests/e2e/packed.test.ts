import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type Podman, podmanMissing, startPodman } from '../support/podman.ts';
import { startTestService } from '../support/service.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MANIFEST = JSON.parse(await readFile(path.join(ROOT, 'server/package.json'), 'utf8')) as { version: string };
/** Downloads and a compilation on a busy machine. */
const PATIENCE_MS = 300_000;

let folder: string;
let tarball: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'packed-'));
  await run('npm', ['pack', '--workspace', 'server', '--pack-destination', folder], { cwd: ROOT });
  const [packed] = (await readdir(folder)).filter((file) => file.endsWith('.tgz'));
  tarball = path.join(folder, packed!);
}, PATIENCE_MS);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the packed service', () => {
  let command: string;
  const env = { PATH: `${path.dirname(process.execPath)}:${process.env.PATH}` };

  beforeAll(async () => {
    const empty = path.join(folder, 'empty');
    await mkdir(empty);
    await run('npm', ['install', '--prefix', empty, '--prefer-offline', '--no-audit', '--no-fund', tarball], {
      cwd: empty,
    });
    command = path.join(empty, 'node_modules/.bin/system-service');
  }, PATIENCE_MS);

  it('holds compiled code, the console and the papers, and nothing else', async () => {
    const { stdout } = await run('tar', ['-tzf', tarball]);
    const files = stdout.trim().split('\n');
    for (const name of ['README.md', 'LICENSE', 'bin/system-service.js', 'dist/main.js', 'dist/console/index.html']) {
      expect(files).toContain(`package/${name}`);
    }
    expect(files.filter((file) => /\.(ts|tsx|map)$|\.test\.|__golden__/.test(file))).toEqual([]);
    const installed = await readdir(path.join(folder, 'empty/node_modules'));
    expect(installed.filter((name) => /^node-(linux|bin)-/.test(name))).toEqual([]);
  });

  it('starts from an empty folder, serves the console and stops on SIGTERM', async () => {
    const service = await startTestService({ command: [command], env });
    try {
      const health = await fetch(`${service.url}/health`);
      expect(health.status).toBe(200);
      expect(await health.json()).toMatchObject({ version: MANIFEST.version });

      const page = await (await fetch(service.url, { headers: { accept: 'text/html' } })).text();
      const script = /<script[^>]* src="([^"]+)"/.exec(page)![1]!;
      const answer = await fetch(new URL(script, `${service.url}/`));
      expect(answer.headers.get('content-type')).toMatch(/javascript/);
      expect((await answer.text()).length).toBeGreaterThan(10_000);
    } finally {
      expect(await service.stop()).toBe(0);
    }
  });

  it('makes an API key', async () => {
    const options = { cwd: folder, env: { ...env, DATA_DIR: path.join(folder, 'keys') } };
    await run(command, ['keys', 'create', '--name', 'ann', '--scope', 'admin'], options);
    const { stdout } = await run(command, ['keys', 'list'], options);
    expect(stdout).toMatch(/^ann\tadmin\t/);
  });

  it('examines itself, and moves by backup and restore', async () => {
    const ports = { PORT: '0', OTLP_HTTP_PORT: '0', OTLP_GRPC_PORT: '0' };
    const options = { cwd: folder, env: { ...env, ...ports, DATA_DIR: path.join(folder, 'first') } };
    expect((await run(command, ['doctor'], options)).stdout).toContain('ok   telemetry store');
    await run(command, ['keys', 'create', '--name', 'ann', '--scope', 'admin'], options);
    await run(command, ['backup', 'copy'], options);
    const second = { ...options, env: { ...options.env, DATA_DIR: path.join(folder, 'second') } };
    expect((await run(command, ['restore', 'copy'], second)).stdout).toContain('the backup of');
    expect((await run(command, ['keys', 'list'], second)).stdout).toMatch(/^ann\tadmin\t/);
  });
});

describe('the image', async () => {
  const missing = await imageMissing();

  describe.skipIf(missing !== undefined)(missing ?? 'of the Dockerfile', () => {
    const LIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1000:1000'];
    let engine: Podman;

    beforeAll(async () => {
      engine = await startPodman();
      const base = await importBase(engine, path.join(folder, 'base'));
      const built = path.join(folder, 'built');
      await mkdir(path.join(built, 'out/data'), { recursive: true });
      await run('sh', ['deploy/assemble.sh', path.join(built, 'out/app'), tarball], { cwd: ROOT });
      // No registry of images is needed: the base is a bare Debian with this Node, and what the build stage would make
      // was made here by the same script.
      await engine.podman(
        ...['build', '--format', 'docker', '--layers=false', '--network', 'none', '--file', 'deploy/Dockerfile'],
        ...['--target', 'service', '--build-arg', `NODE_IMAGE=${base}`, '--build-context', `build=${built}`],
        ...['--tag', 'localhost/test/service:1', path.join(ROOT, 'deploy')],
      );
    }, PATIENCE_MS);

    afterAll(() => engine?.close());

    const start = (name: string, ...words: string[]) =>
      engine.podman('run', '--name', name, '--network', 'none', ...LIMITS, ...words, 'localhost/test/service:1');

    it('refuses to stand open without a word about credentials', async () => {
      await expect(start('closed', '--rm')).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/API_KEYS[\s\S]*AUTH=off/),
      });
    });

    it('runs without root, becomes healthy, keeps its data in the volume and stops on SIGTERM', async () => {
      await start('open', '--detach', '--env', 'AUTH=off');
      await eventually(() => engine.podman('healthcheck', 'run', 'open'), 60_000, 500);
      expect(await engine.podman('exec', 'open', 'id', '-u')).toBe('1000');
      expect(await engine.podman('exec', 'open', 'ls', '/data')).toContain('control.db');
      const page =
        "fetch('http://127.0.0.1:8013/', {headers: {accept: 'text/html'}}).then((a) => a.text()).then(console.log)";
      expect(await engine.podman('exec', 'open', 'node', '-e', page)).toContain('<title>System Service');

      await engine.podman('stop', '--time', '15', 'open');
      expect(await engine.podman('inspect', '--format', '{{.State.ExitCode}}', 'open')).toBe('0');
    });
  });
});

async function imageMissing(): Promise<string | undefined> {
  const podman = await podmanMissing();
  if (podman !== undefined) return podman;
  if (await run('debootstrap', ['--version']).catch(() => undefined)) return undefined;
  if (process.env.CI === 'true') throw new Error('debootstrap is needed with CI=true');
  return 'debootstrap is not installed';
}

/** A bare Debian with the Node that runs this test, and the library that its binary asks for. */
async function importBase(engine: Podman, place: string): Promise<string> {
  const name = 'localhost/test/node:26';
  const words = ['--variant=minbase', '--include=libatomic1', 'bookworm', place, 'http://deb.debian.org/debian'];
  await run('debootstrap', words, { maxBuffer: 16 * 1024 * 1024 });
  await copyFile(process.execPath, path.join(place, 'usr/local/bin/node'));
  const needless = ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/locale', 'usr/share/man'];
  await Promise.all(needless.map((part) => rm(path.join(place, part), { recursive: true, force: true })));
  await run('tar', ['-C', place, '-cf', `${place}.tar`, '.']);
  await engine.podman('import', `${place}.tar`, name);
  return name;
}
