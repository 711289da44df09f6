import { describe, expect, it } from 'vitest';
import { formatterFor } from './metric-unit.ts';
import { formatBytes, formatCount, formatMilliseconds, formatPercent, formatSeconds } from './number.ts';

describe('numbers with their unit', () => {
  it.each([
    [formatCount(0), '0'],
    [formatCount(0.0314), '0.031'],
    [formatCount(1234), '1,234'],
    [formatCount(123_456), '123.5k'],
    [formatCount(2_500_000), '2.5M'],
    [formatCount(Number.NaN), '–'],
    [formatPercent(0.046), '0.05 %'],
    [formatPercent(99.95), '100 %'],
    [formatPercent(null), '–'],
    [formatBytes(0), '0 B'],
    [formatBytes(1536), '1.5 KiB'],
    [formatBytes(34_359_738_368), '32 GiB'],
    [formatMilliseconds(0.043), '43 µs'],
    [formatMilliseconds(8.451), '8.45 ms'],
    [formatMilliseconds(431.7), '432 ms'],
    [formatMilliseconds(2_210), '2.21 s'],
    [formatMilliseconds(200_000), '3m 20s'],
    [formatSeconds(45), '45s'],
    [formatSeconds(3600), '1h'],
    [formatSeconds(187_200), '2d 4h'],
  ])('%s', (shown, expected) => {
    expect(shown).toBe(expected);
  });

  it.each([
    ['host_cpu_usage_percent', false, 50, '50 %'],
    ['host_memory_used_bytes', false, 1024, '1 KiB'],
    ['host_network_receive_bytes_total', true, 1024, '1 KiB/s'],
    ['service_latency_p95_ms', false, 5, '5 ms'],
    ['http_server_request_duration_seconds', false, 0.25, '250 ms'],
    ['host_boot_time_seconds', false, 10, '10'],
    ['service_requests_per_second', false, 10, '10/s'],
    ['cache_hit_ratio', false, 0.5, '50 %'],
    ['orders_total', true, 3, '3/s'],
    ['orders_open', false, 3, '3'],
  ])('%s (per second: %s)', (metric, rate, value, expected) => {
    expect(formatterFor(metric, rate)(value)).toBe(expected);
  });
});
