import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../../tests/support/eventually.ts';
import { type Podman, podmanMissing, startPodman } from '../../../../tests/support/podman.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { systemClock } from '../../model/clock.ts';
import type { SeriesSamples } from '../../model/metric.ts';
import { DockerCollector, type DockerCollectorOptions } from './docker-collector.ts';

function collect(options: Partial<DockerCollectorOptions>) {
  const samples: SeriesSamples[] = [];
  const messages: string[] = [];
  const log = (fields: object, message: string) => void messages.push(`${message} ${JSON.stringify(fields)}`);
  const collector = new DockerCollector({
    dockerHost: undefined,
    hostName: 'box',
    clock: systemClock,
    logger: { debug: log, info: log, warn: log, error: log },
    sink: { writeSamples: async (batch) => void samples.push(...batch) },
    ...options,
  });
  return { collector, samples, messages };
}

describe('without an engine', () => {
  it('says why, and stays quiet', async () => {
    const { collector, messages } = collect({});
    collector.start();
    const snapshot = await collector.snapshot();
    expect(snapshot).toEqual({
      engine: { available: false, error: expect.stringContaining('DOCKER_HOST') },
      items: [],
    });
    await collector.stop();
    expect(messages).toEqual([]);
  });

  it('says once that the socket is not there', async () => {
    const clock = new VirtualClock();
    const { collector, messages } = collect({ dockerHost: 'unix:///nowhere/docker.sock', clock });
    collector.start();
    const { engine } = await collector.snapshot();
    expect(engine).toEqual({ available: false, error: 'there is no Docker engine at unix:///nowhere/docker.sock' });
    for (let round = 0; round < 5; round++) await clock.advance(10_000);
    await collector.stop();
    expect(messages).toHaveLength(1);
  });

  it('refuses what is no address, naming the setting', () => {
    for (const dockerHost of [
      'ssh://root@box',
      'npipe:////./pipe/docker_engine',
      '/var/run/docker.sock',
      'tcp://',
      '',
    ]) {
      expect(() => collect({ dockerHost })).toThrow(/DOCKER_HOST: .*unix:\/\//);
    }
  });
});

const missing = await podmanMissing();
if (missing) process.stderr.write(`SKIPPED: the Docker collector on a real engine: ${missing}\n`);

describe.skipIf(missing)('on a real engine', () => {
  let podman: Podman;
  beforeAll(async () => {
    podman = await startPodman();
    await podman.run('busy', 'while true; do :; done', {
      labels: { 'com.docker.compose.service': 'shop', environment: 'test' },
      memory: '64m',
    });
    await podman.run('idle', 'sleep 1000');
    await podman.run('done', 'exit 3');
  });
  afterAll(() => podman?.close());

  it('reads state and use of all containers', async () => {
    const { collector, samples } = collect({ dockerHost: podman.dockerHost, intervalMs: 1000 });
    collector.start();
    try {
      const { engine, items } = await eventually(async () => {
        const snapshot = await collector.snapshot();
        expect(snapshot.items.find((item) => item.name === 'busy')?.usage?.cpuPercent).toBeDefined();
        return snapshot;
      });
      expect(engine).toMatchObject({ available: true, name: 'Podman Engine', version: expect.stringMatching(/^\d/) });
      const [busy, idle, done] = ['busy', 'idle', 'done'].map((name) => items.find((item) => item.name === name)!);
      expect(busy).toMatchObject({ state: 'running', service: 'shop', environment: 'test', health: 'none' });
      expect(busy!.id).toMatch(/^[0-9a-f]{64}$/);
      expect(busy!.startedAt).toBeGreaterThan(Date.now() - 120_000);
      // One loop is at most one core, however many the machine has.
      expect(busy!.usage!.cpuPercent).toBeGreaterThan(2);
      expect(busy!.usage!.cpuPercent).toBeLessThan(115);
      expect(busy!.usage!.memoryLimitBytes).toBe(64 * 1024 * 1024);
      expect(busy!.usage!.memoryBytes).toBeGreaterThan(10_000);
      expect(busy!.usage!.pids).toBe(1);
      expect(idle!.usage!.cpuPercent).toBeLessThan(busy!.usage!.cpuPercent!);
      expect(done).toMatchObject({ state: 'exited', usage: undefined });
      expect(collector.latest().items).toHaveLength(3);

      const cpu = samples.find((series) => series.name === 'container_cpu_usage_percent');
      expect(cpu).toMatchObject({ type: 'gauge', unit: 'percent' });
      expect(
        samples.find((series) => series.name === 'container_running' && series.labels.container === 'busy'),
      ).toEqual(
        expect.objectContaining({
          labels: {
            host: 'box',
            container: 'busy',
            container_id: busy!.id.slice(0, 12),
            image: 'localhost/test/busybox:1',
            service: 'shop',
            environment: 'test',
          },
          values: [1],
        }),
      );
    } finally {
      await collector.stop();
    }
  });

  it('survives an engine that goes and comes back', async () => {
    const { collector, messages } = collect({ dockerHost: podman.dockerHost, intervalMs: 100 });
    collector.start();
    try {
      expect((await collector.snapshot()).engine.available).toBe(true);
      await podman.stopService();
      await eventually(async () => expect((await collector.snapshot()).engine.available).toBe(false));
      expect(await collector.snapshot()).toMatchObject({ items: [] });
      await podman.startService();
      await eventually(async () => expect((await collector.snapshot()).engine.available).toBe(true));
      expect((await collector.snapshot()).items).toHaveLength(3);
      // More often where a busy engine has let a question wait too long.
      const times = messages.filter((message) => message.startsWith('containers are read')).length;
      expect(times).toBeGreaterThanOrEqual(2);
    } finally {
      await collector.stop();
    }
  });
});

describe('an engine on TCP that misbehaves', () => {
  const bodies = new Map<string, { status: number; body: string }>();
  let server: Server;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const { status, body } = bodies.get(request.url!.split('?')[0]!) ?? { status: 404, body: '{"message":"none"}' };
      response.writeHead(status).end(body);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => void server.close());

  async function snapshotOf(answers: Record<string, { status: number; body: string }>) {
    bodies.clear();
    for (const [path, answer] of Object.entries(answers)) bodies.set(path, answer);
    const { collector } = collect({ dockerHost: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` });
    collector.start();
    const snapshot = await collector.snapshot();
    await collector.stop();
    return snapshot;
  }
  const ok = (body: unknown) => ({ status: 200, body: JSON.stringify(body) });

  it('is not available where its answer makes no sense', async () => {
    const broken = await snapshotOf({ '/version': { status: 200, body: '<html>' } });
    expect(broken.engine.available).toBe(false);
    const failing = await snapshotOf({ '/version': { status: 500, body: '{"message":"on fire"}' } });
    expect(failing.engine).toMatchObject({ error: expect.stringContaining('on fire') });
  });

  it('shows what it can of containers whose details fail, and none that are gone', async () => {
    const { items } = await snapshotOf({
      '/version': ok({ Version: '9', ApiVersion: '1.99' }),
      '/v1.99/containers/json': ok([
        { Id: 'a1', Names: ['/a'], State: 'running', Status: 'Up 1 hour (unhealthy)' },
        { Id: 'b2', Names: ['/b'], State: 'running' },
      ]),
      '/v1.99/containers/a1/json': { status: 500, body: '{"message":"cannot"}' },
      '/v1.99/containers/a1/stats': ok({}),
    });
    expect(items.map(({ name, health, state }) => ({ name, health, state }))).toEqual([
      { name: 'a', health: 'unhealthy', state: 'running' },
    ]);
  });
});
