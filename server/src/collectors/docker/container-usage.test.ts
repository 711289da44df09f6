import { describe, expect, it } from 'vitest';
import { parseStats } from './container-usage.ts';

const stats = (cpu: object, precpu: object = {}, rest: object = {}) => ({
  read: '2026-01-05T12:00:10.000000001Z',
  cpu_stats: cpu,
  precpu_stats: precpu,
  ...rest,
});

describe('processor use', () => {
  it('is computed as docker stats does where the engine sent two readings', () => {
    // 50 of 400 ms of 4 cores: half a core.
    const answer = stats(
      { cpu_usage: { total_usage: 150_000_000 }, system_cpu_usage: 1_400_000_000, online_cpus: 4 },
      { cpu_usage: { total_usage: 100_000_000 }, system_cpu_usage: 1_000_000_000 },
    );
    expect(parseStats(answer).usage.cpuPercent).toBe(50);
    expect(parseStats(answer, { readAt: 0, totalNanoseconds: 0 }).usage.cpuPercent).toBe(50);
    expect(parseStats(answer).usage.cpuSeconds).toBe(0.15);
  });

  it('counts the cores by percpu_usage where online_cpus is missing', () => {
    const answer = stats(
      { cpu_usage: { total_usage: 200, percpu_usage: [1, 2] }, system_cpu_usage: 2000 },
      { cpu_usage: { total_usage: 100 }, system_cpu_usage: 1000 },
    );
    expect(parseStats(answer).usage.cpuPercent).toBeCloseTo(20);
  });

  it('comes from our own reading before where the engine sent one', () => {
    const answer = stats({ cpu_usage: { total_usage: 17_500_000_000 } }, { cpu_usage: { total_usage: 0 } });
    const readAt = Date.parse('2026-01-05T12:00:00.000Z');
    // 15 s of processor time in 10 s.
    expect(parseStats(answer, { readAt, totalNanoseconds: 2_500_000_000 }).usage.cpuPercent).toBe(150);
    expect(parseStats(answer).usage.cpuPercent).toBeUndefined();
    // The container was restarted in between, or nothing was read anew.
    expect(parseStats(answer, { readAt, totalNanoseconds: 20_000_000_000 }).usage.cpuPercent).toBeUndefined();
    expect(parseStats(answer, { readAt: readAt + 10_000, totalNanoseconds: 0 }).usage.cpuPercent).toBeUndefined();
  });

  it('is 0, never negative or infinite, where the counters stood still', () => {
    const same = { cpu_usage: { total_usage: 100 }, system_cpu_usage: 1000, online_cpus: 2 };
    expect(parseStats(stats(same, same)).usage.cpuPercent).toBe(0);
  });

  it('is computed from units of 100 ns on Windows', () => {
    const answer = stats(
      { cpu_usage: { total_usage: 5_000_000 } },
      { cpu_usage: { total_usage: 0 } },
      { num_procs: 4, preread: '2026-01-05T12:00:09Z', memory_stats: { privateworkingset: 77 } },
    );
    expect(parseStats(answer).usage).toMatchObject({ cpuSeconds: 0.5, memoryBytes: 77 });
    expect(parseStats(answer).usage.cpuPercent).toBeCloseTo(50);
  });
});

describe('memory', () => {
  const f = (memory: object, expected: number | undefined) =>
    expect(parseStats(stats({}, {}, { memory_stats: memory })).usage.memoryBytes).toBe(expected);

  it('leaves the inactive page cache out', () => {
    f({ usage: 1000, stats: { total_inactive_file: 300, inactive_file: 100 } }, 700);
    f({ usage: 1000, stats: { inactive_file: 100 } }, 900);
    f({ usage: 1000, stats: { inactive_file: 1000 } }, 1000);
    f({ usage: 1000 }, 1000);
    f({}, undefined);
  });
});

it('sums networks and block devices', () => {
  const answer = stats(
    {},
    {},
    {
      networks: { eth0: { rx_bytes: 1, tx_bytes: 10 }, eth1: { rx_bytes: 2, tx_bytes: 20 } },
      blkio_stats: {
        io_service_bytes_recursive: [
          { major: 8, op: 'Read', value: 5 },
          { major: 8, op: 'write', value: 7 },
          { major: 9, op: 'read', value: 6 },
          { major: 8, op: 'Total', value: 12 },
        ],
      },
      pids_stats: { current: 3 },
    },
  );
  expect(parseStats(answer).usage).toMatchObject({
    receiveBytes: 3,
    transmitBytes: 30,
    readBytes: 11,
    writtenBytes: 7,
    pids: 3,
  });
});

it('takes an answer without anything', () => {
  for (const nothing of [null, {}, [], 'x', { cpu_stats: null, networks: null, memory_stats: [] }]) {
    expect(parseStats(nothing).usage).toMatchObject({ cpuPercent: undefined, cpuSeconds: 0, receiveBytes: 0 });
  }
});
