import { expect, it } from 'vitest';
import { type ServiceStatus, statusOf } from './service-status.ts';

it('judges by failed requests and Apdex', () => {
  const f = (requests: number, errors: number, apdex: number, expected: ServiceStatus) =>
    expect(statusOf({ requests, errors, apdex })).toBe(expected);
  f(1000, 0, 1, 'healthy');
  f(1000, 9, 0.85, 'healthy');
  f(1000, 10, 1, 'degraded');
  f(1000, 0, 0.84, 'degraded');
  f(1000, 49, 0.5, 'degraded');
  f(1000, 50, 1, 'unhealthy');
  f(1000, 0, 0.49, 'unhealthy');
  f(0, 0, 0, 'unknown');
  expect(statusOf(undefined)).toBe('unknown');
});
