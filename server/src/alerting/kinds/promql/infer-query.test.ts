import { describe, expect, it } from 'vitest';
import { inferFigure, queryOfFigure } from './infer-query.ts';

describe('inferFigure', () => {
  it.each([
    ['High CPU Usage', '', 'cpu'],
    ['HighCPUUsage', '', 'cpu'],
    ['high_cpu-usage', '', 'cpu'],
    ['Memory low', '', 'memory'],
    ['RAM', '', 'memory'],
    ['heap and memory', '', 'memory'],
    ['p95 latency', '', 'latency'],
    ['Response time', '', 'latency'],
    ['response-time too high', '', 'latency'],
    ['Errors of checkout', '', 'errors'],
    ['failures', '', 'errors'],
    ['No traffic', '', 'traffic'],
    ['Restarts', '', 'restarts'],
    ['Disk full', '', 'disk'],
    ['Service down', '', 'availability'],
    ['Health', '', 'availability'],
    ['Workers are busy', 'CPU usage above 90%', 'cpu'],
    ['High CPU Usage', 'memory and latency suffer, too', 'cpu'],
  ])('%s / %s: %s', (name, description, figure) => expect(inferFigure(name, description)).toBe(figure));

  it.each([
    ['Program slowdown', '', 'description', /no figure/],
    ['Request latency', '', 'name', /several figures \(latency, traffic\)/],
    ['Alert', 'cpu or memory', 'description', /several figures \(cpu, memory\)/],
    ['', '', 'description', /cpu; memory, ram, heap; latency, response time/],
  ])('refuses %s / %s', (name, description, path, message) => {
    let error: unknown;
    try {
      inferFigure(name, description);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code: 'invalid', issues: [{ path, message: expect.stringMatching(message) }] });
  });
});

describe('queryOfFigure', () => {
  it.each([
    ['cpu', 'data-processing', 90, 'service_cpu_usage_percent{service="data-processing"}'],
    ['cpu', null, 90, 'host_cpu_usage_percent'],
    ['memory', 'a', 100, 'service_memory_usage_percent{service="a"}'],
    ['memory', 'a', 101, 'service_memory_usage_bytes{service="a"}'],
    ['memory', null, 80, 'host_memory_usage_percent'],
    ['latency', 'a"b\\', 500, 'service_latency_p95_ms{service="a\\"b\\\\"}'],
    ['errors', 'a', 5, 'service_error_percent{service="a"}'],
    ['traffic', 'a', 1, 'service_requests_per_second{service="a"}'],
    ['restarts', 'a', 3, 'increase(service_restarts_total{service="a"}[15m])'],
    ['disk', 'a', 90, 'host_disk_usage_percent'],
    ['availability', 'a', 1, 'service_up{service="a"}'],
  ])('%s of %s over %d', (figure, service, threshold, query) =>
    expect(queryOfFigure(figure, service, threshold).query).toBe(query),
  );
});
