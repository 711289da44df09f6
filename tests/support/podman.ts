import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { access, copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * A real engine with the Docker API for tests: Podman on a socket and a storage of its own, so that it neither sees nor
 * disturbs any other. Needs root, `podman`, `runc` and a static busybox; no image is downloaded.
 */
export interface Podman {
  /** For `DOCKER_HOST`. */
  readonly dockerHost: string;
  /** Starts a container that runs `script` in a shell; the id. */
  run(name: string, script: string, options?: PodmanRunOptions): Promise<string>;
  /** `podman <words>`; what it prints. */
  podman(...words: string[]): Promise<string>;
  /** Ends the API service only; containers go on. */
  stopService(): Promise<void>;
  startService(): Promise<void>;
  /** Removes everything. */
  close(): Promise<void>;
}

interface PodmanRunOptions {
  readonly labels?: Readonly<Record<string, string>>;
  /** `32m` */
  readonly memory?: string;
}

const IMAGE = 'localhost/test/busybox:1';
const COMMANDS = ['sh', 'sleep', 'echo', 'cat', 'dd', 'true', 'false'];

/** Why Podman cannot be used here, or `undefined`. With `CI=true` a reason is an error: nothing is skipped there. */
export async function podmanMissing(): Promise<string | undefined> {
  const reason = await findReason();
  if (reason !== undefined && process.env.CI === 'true') throw new Error(`podman is needed with CI=true: ${reason}`);
  return reason;
}

async function findReason(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'not root';
  for (const [file, words] of [
    ['podman', ['--version']],
    ['runc', ['--version']],
  ] as const) {
    if (!(await run(file, [...words]).catch(() => undefined))) return `${file} is not installed`;
  }
  return (await busybox()) === undefined ? 'busybox-static is not installed' : undefined;
}

async function busybox(): Promise<string | undefined> {
  for (const file of ['/bin/busybox', '/usr/bin/busybox']) {
    if (
      await access(file).then(
        () => true,
        () => false,
      )
    ) {
      return file;
    }
  }
  return undefined;
}

export async function startPodman(): Promise<Podman> {
  const folder = await mkdtemp(path.join(tmpdir(), 'podman-'));
  const socket = path.join(folder, 'docker.sock');
  const global = globalOptions(folder);
  const podman = async (...words: string[]) => (await run('podman', [...global, ...words])).stdout.trim();
  let service: ChildProcess | undefined;

  const engine: Podman = {
    dockerHost: `unix://${socket}`,
    podman,
    run: (name, script, options = {}) => podman(...runWords(name, script, options)),
    startService: async () => {
      service = spawn('podman', [...global, 'system', 'service', '--time=0', `unix://${socket}`], { stdio: 'ignore' });
      await waitForSocket(socket, service);
    },
    stopService: async () => {
      if (service && service.exitCode === null) {
        const ended = new Promise((resolve) => service?.once('exit', resolve));
        service.kill('SIGTERM');
        await ended;
      }
      await rm(socket, { force: true });
    },
    close: async () => {
      await podman('rm', '--all', '--force', '--time', '0').catch(() => undefined);
      await engine.stopService();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  try {
    await importImage(folder, podman);
    await engine.startService();
    return engine;
  } catch (error) {
    await engine.close();
    throw error;
  }
}

function globalOptions(folder: string): string[] {
  const options = { root: 'root', runroot: 'runroot', tmpdir: 'tmp' };
  return [
    // crun does not work with hybrid cgroups, the file driver needs no kernel support.
    ...['--runtime', 'runc', '--cgroup-manager', 'cgroupfs', '--storage-driver', 'vfs', '--events-backend', 'file'],
    ...Object.entries(options).flatMap(([name, place]) => [`--${name}`, path.join(folder, place)]),
  ];
}

function runWords(name: string, script: string, options: PodmanRunOptions): string[] {
  const labels = Object.entries(options.labels ?? {}).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
  const memory = options.memory === undefined ? [] : ['--memory', options.memory];
  // The limits of the machine that builds may be lower than Podman's defaults.
  const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1000:1000'];
  return [
    'run',
    '-d',
    '--name',
    name,
    '--network',
    'none',
    ...limits,
    ...labels,
    ...memory,
    IMAGE,
    '/bin/sh',
    '-c',
    script,
  ];
}

async function importImage(folder: string, podman: Podman['podman']): Promise<void> {
  const bin = path.join(folder, 'rootfs', 'bin');
  await mkdir(bin, { recursive: true });
  await copyFile((await busybox())!, path.join(bin, 'busybox'));
  for (const command of COMMANDS) await symlink('busybox', path.join(bin, command));
  const archive = path.join(folder, 'rootfs.tar');
  await run('tar', ['-C', path.join(folder, 'rootfs'), '-cf', archive, '.']);
  await podman('import', archive, IMAGE);
}

async function waitForSocket(socket: string, service: ChildProcess): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline && service.exitCode === null) {
    if (await answers(socket)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('podman does not answer on its socket');
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ socketPath, path: '/_ping', headers: { host: 'd' }, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => resolve(false));
  });
}
