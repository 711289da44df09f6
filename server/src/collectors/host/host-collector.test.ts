import { expect, it } from 'vitest';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { systemClock } from '../../model/clock.ts';
import type { SeriesSamples } from '../../model/metric.ts';
import { HostCollector, type HostCollectorOptions } from './host-collector.ts';
import { readHost } from './read-host.ts';

function collect(options: Partial<HostCollectorOptions> = {}) {
  const batches: (readonly SeriesSamples[])[] = [];
  const messages: string[] = [];
  const log = (_: object, message: string) => void messages.push(message);
  const collector = new HostCollector({
    hostName: 'box',
    clock: systemClock,
    logger: { debug: log, info: log, warn: log, error: log },
    sink: { writeSamples: async (batch) => void batches.push(batch) },
    ...options,
  });
  return { collector, batches, messages };
}

it('knows this machine when it has started', async () => {
  const { collector, batches } = collect();
  expect(collector.snapshot()).toBeUndefined();
  await collector.start();
  await collector.stop();
  const snapshot = collector.snapshot()!;
  expect(snapshot.host).toBe('box');
  expect(snapshot.cpu.cores).toBeGreaterThan(0);
  expect(snapshot.cpu.usage_percent).toBeGreaterThanOrEqual(0);
  expect(snapshot.cpu.usage_percent).toBeLessThanOrEqual(100);
  expect(snapshot.memory.used_bytes + snapshot.memory.available_bytes).toBe(snapshot.memory.total_bytes);
  expect(snapshot.disks.map((disk) => disk.mount)).toContain('/');
  expect(snapshot.uptime_seconds).toBeGreaterThan(0);

  const names = new Set(batches.flat().map((series) => series.name));
  for (const name of ['host_cpu_usage_percent', 'host_memory_usage_percent', 'host_disk_usage_percent', 'host_load1']) {
    expect(names).toContain(name);
  }
  for (const series of batches.flat()) {
    expect(series.name).toMatch(/^host_[a-z0-9_]+$/);
    expect(series.labels.host).toBe('box');
    expect(series.help).not.toBe('');
    expect(series.type).toBe(series.name.endsWith('_total') ? 'counter' : 'gauge');
  }
});

it('writes on a grid of 10 s with rates since the reading before', async () => {
  const clock = new VirtualClock(1_000_000);
  const real = await readHost(0);
  let readings = 0;
  const read = async (now: number) => ({
    ...real,
    takenAt: now,
    // 2 cores that were busy for 2.5 s before each reading: an eighth of 20 s.
    cpu: { ...real.cpu, user: ++readings * 2.5, idle: (now / 1000) * 2 - readings * 2.5, iowait: 0 },
    network: [{ ...real.network[0]!, interface: 'eth0', receiveBytes: now, transmitBytes: 0 }],
  });
  const { collector, batches } = collect({ clock, read });
  const started = collector.start();
  await clock.advance(250);
  await started;
  await clock.advance(30_000);
  await collector.stop();
  expect(batches).toHaveLength(4);
  const usage = batches.map((batch) => batch.find((series) => series.name === 'host_cpu_usage_percent')!);
  expect(usage.map((series) => series.timestamps[0]!)).toEqual([1_000_250, 1_010_250, 1_020_250, 1_030_250]);
  expect(usage.slice(1).map((series) => series.values[0])).toEqual([12.5, 12.5, 12.5]);
  expect(collector.snapshot()?.network.receive_bytes_per_second).toBe(1000);
  await clock.advance(30_000);
  expect(batches).toHaveLength(4);
});

it('keeps what the store refuses for later, and says so once', async () => {
  const clock = new VirtualClock();
  const real = await readHost(0);
  let up = false;
  const written: number[] = [];
  const { collector, messages } = collect({
    clock,
    read: async (now) => ({ ...real, takenAt: now }),
    sink: {
      writeSamples: async (batch) => {
        if (!up) throw new Error('the store is full');
        written.push(batch[0]!.timestamps[0]!);
      },
    },
  });
  const started = collector.start();
  await clock.advance(250);
  await started;
  await clock.advance(20_000);
  expect(messages).toEqual(['samples cannot be written; they wait']);
  up = true;
  await clock.advance(10_000);
  await collector.stop();
  expect(written).toHaveLength(4);
  expect(written).toEqual([...written].sort());
  expect(messages).toEqual(['samples cannot be written; they wait', 'samples are written again']);
});

it('goes on when a reading fails', async () => {
  const clock = new VirtualClock();
  const real = await readHost(0);
  let calls = 0;
  const { collector, batches, messages } = collect({
    clock,
    read: async (now) => {
      calls++;
      if (calls === 3 || calls === 4) throw new Error('EMFILE');
      return { ...real, takenAt: now };
    },
  });
  const started = collector.start();
  await clock.advance(250);
  await started;
  await clock.advance(30_000);
  await collector.stop();
  expect(batches).toHaveLength(2);
  expect(messages).toEqual(['the host cannot be read']);
});
