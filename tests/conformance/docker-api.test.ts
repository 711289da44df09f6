import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseContainers, parseInspection } from '../../server/src/collectors/docker/container-reading.ts';
import { parseStats } from '../../server/src/collectors/docker/container-usage.ts';

/** Recorded answers of Docker engines, old and new, Linux and Windows, through the collector's parsers. */
const suites = process.env.CONFORMANCE_DIR;
if (!suites) {
  if (process.env.CI === 'true') throw new Error('CONFORMANCE_DIR must be set with CI=true');
  process.stderr.write('SKIPPED: recorded Docker API answers: CONFORMANCE_DIR is not set\n');
}
const folder = path.join(suites ?? '', 'docker-api');
const files = suites
  ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.json'))
  : [];
const read = (name: string): unknown => JSON.parse(readFileSync(path.join(folder, name), 'utf8'));

/** Expected figures, computed by hand from the recorded ones; files that another folder does not have are left out. */
const STATS = {
  // 121359 of 729814450000000 ns of 4 cores.
  'moby-v1.24-docs/container-stats.json': {
    cpuPercent: (121_359 / 729_814_450_000_000) * 4 * 100,
    cpuSeconds: 0.100215355,
    memoryBytes: 6_537_216,
    memoryLimitBytes: 67_108_864,
    receiveBytes: 9979,
    transmitBytes: 1338,
    readBytes: 0,
    writtenBytes: 0,
    pids: 3,
  },
  'otel-dockerstats/cgroups_v2-stats.json': {
    cpuPercent: undefined,
    cpuSeconds: 0.999478,
    memoryBytes: 234_647_552,
    memoryLimitBytes: 268_435_456,
    receiveBytes: 1296,
    transmitBytes: 0,
    readBytes: 167_936,
    writtenBytes: 0,
    pids: 1,
  },
  'spotify-docker-client/1.33__containerStatsRunning.json': {
    cpuPercent: 0,
    cpuSeconds: 0.039281677,
    memoryBytes: 8_720_384 - 6_340_608,
    memoryLimitBytes: 2_099_351_552,
    receiveBytes: 828,
    transmitBytes: 0,
    readBytes: 7_155_712,
    writtenBytes: 0,
    pids: 2,
  },
  'spotify-docker-client/1.33__containerStatsExited.json': {
    cpuPercent: undefined,
    memoryBytes: undefined,
    memoryLimitBytes: 0,
    pids: undefined,
  },
  'telegraf/stats_9bc6faf9ba8106fae32e8faafd38a1dd6f6d262bec172398cc10bc03c0d6841a.json': {
    cpuPercent: 0,
    cpuSeconds: 0.020298847,
    memoryBytes: undefined,
    readBytes: 753_664,
    writtenBytes: 0,
  },
  'moby-v1.55-schema-examples/container-stats.json': {
    cpuSeconds: 0.029912,
    receiveBytes: 9979,
    transmitBytes: 1338,
    pids: 5,
  },
};

describe.skipIf(!suites)('recorded Docker API answers', () => {
  const isStats = (name: string) => /stats[^/]*\.json$/i.test(name) && !name.startsWith('nri-docker/');
  const statsFiles = files.filter(isStats);

  it('has some of every kind', () => {
    expect(statsFiles.length).toBeGreaterThan(0);
    expect(files.some(isList)).toBe(true);
    expect(files.some(isInspection)).toBe(true);
  });

  it.each(Object.entries(STATS).filter(([name]) => files.includes(name)))('figures of %s', (name, expected) => {
    const { cpuPercent, ...rest } = expected as typeof expected & { cpuPercent?: number };
    const { usage } = parseStats(read(name));
    expect(usage).toMatchObject(rest);
    if (cpuPercent !== undefined) expect(usage.cpuPercent).toBeCloseTo(cpuPercent, 12);
    else if ('cpuPercent' in expected) expect(usage.cpuPercent).toBeUndefined();
  });

  it.each(statsFiles)('%s gives sound figures', (name) => expectSound(parseStats(read(name)).usage));

  it.each(files.filter((name) => name.startsWith('nri-docker/')))(
    'every container of %s gives sound figures',
    (name) => {
      for (const stats of Object.values(read(name) as object)) {
        const { usage } = parseStats(stats);
        expectSound(usage);
        // Amazon's agent sends both readings: processor use is known at once.
        expect(usage.cpuPercent).toBeGreaterThanOrEqual(0);
      }
    },
  );

  const isList = (name: string) =>
    /list\.json$|containers[^/]*json(__filter\d+)?\.json$/.test(name) && Array.isArray(read(name));
  it.each(files.filter(isList))('%s lists containers', (name) => {
    const raw = read(name) as { Id: string; Names?: string[] | null }[];
    const containers = parseContainers(raw);
    expect(containers.map(({ id }) => id)).toEqual(raw.map(({ Id }) => Id));
    for (const container of containers) {
      expect(container.name).toMatch(/^[^/]+$/);
      expect(container.state).not.toBe('');
    }
  });

  it.each(files.filter((name) => name.includes('container-')).filter((name) => name.startsWith('spotify-')))(
    '%s, a part of an answer, is taken as far as it goes',
    (name) => {
      const containers = parseContainers([read(name)]);
      for (const { name, id } of containers) expect([id, 'test']).toContain(name);
      parseInspection({ State: read(name) });
    },
  );

  const isInspection = (name: string) =>
    !name.includes('image') && /inspect_|containerInfo|containers__(inspect|container__json)/.test(name);
  it.each(files.filter(isInspection))('%s is inspected', (name) => {
    const raw = read(name) as { State: { StartedAt: string; Status: string; Health?: { Status: string } } };
    const { state, startedAt, restartCount, health } = parseInspection(raw);
    expect(state).toBe(raw.State.Status);
    if (raw.State.StartedAt.startsWith('0001')) expect(startedAt).toBeUndefined();
    else expect(startedAt).toBe(Date.parse(raw.State.StartedAt));
    expect(restartCount).toBeGreaterThanOrEqual(0);
    expect(health).toBe(raw.State.Health?.Status.toLowerCase() ?? 'none');
  });
});

function expectSound(usage: object): void {
  for (const [name, value] of Object.entries(usage)) {
    if (value === undefined) continue;
    expect(value, name).toBeGreaterThanOrEqual(0);
    expect(Number.isFinite(value), name).toBe(true);
  }
}
