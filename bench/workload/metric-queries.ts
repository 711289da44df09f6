export interface MetricQuery {
  readonly name: string;
  /** Path and query of Prometheus' HTTP API. */
  readonly path: string;
}

const MINUTE = 60;
const HOUR = 3600;
const REQUESTS = 'rate(http_requests_total{code="200"}[5m])';
const P95 = 'histogram_quantile(0.95, sum by (le, job) (rate(request_duration_seconds_bucket[5m])))';

function instant(query: string, time: number): string {
  return `/api/v1/query?query=${encodeURIComponent(query)}&time=${time}`;
}

function range(query: string, end: number, hours: number, step: number): string {
  const start = end - hours * HOUR;
  return `/api/v1/query_range?query=${encodeURIComponent(query)}&start=${start}&end=${end}&step=${step}`;
}

/** Nineteen questions to a day of the fleet, from one series to all of them. `time` in Unix seconds. */
export function metricQueries(time: number): MetricQuery[] {
  const day = `start=${time - 24 * HOUR}&end=${time}`;
  const at = (name: string, query: string) => ({ name: `now: ${name}`, path: instant(query, time) });
  const sixHours = (name: string, query: string) => ({ name: `6 h: ${name}`, path: range(query, time, 6, MINUTE) });
  const wholeDay = (name: string, query: string) => ({ name: `24 h: ${name}`, path: range(query, time, 24, 300) });
  return [
    at('one series', 'node_load1{instance="host-007:9100"}'),
    at('100 series', 'node_load1'),
    at('2000 series', '{env="prod"}'),
    at('rate, 100', 'rate(cpu_seconds_total[5m])'),
    at('sum by (rate)', 'sum by (job) (rate(http_requests_total[5m]))'),
    sixHours('one series', 'node_load1{instance="host-007:9100"}'),
    sixHours('100 series', 'node_load1'),
    sixHours('rate, 100', 'rate(cpu_seconds_total[5m])'),
    sixHours('sum by (rate)', 'sum by (job) (rate(http_requests_total[5m]))'),
    wholeDay('sum by (rate)', 'sum by (job) (rate(http_requests_total[5m]))'),
    sixHours('histogram_quantile', P95),
    wholeDay('histogram_quantile', P95),
    sixHours('topk(rate)', 'topk(5, rate(network_receive_bytes_total[5m]))'),
    wholeDay('max_over_time 1 h', 'max_over_time(temperature_celsius[1h])'),
    sixHours('subquery', `max_over_time(${REQUESTS}[30m:1m])`),
    sixHours('group_left', `${REQUESTS} * on (instance) group_left (version) instance_info`),
    sixHours('2000 series', '{env="prod"}'),
    { name: 'values of a label', path: `/api/v1/label/instance/values?${day}` },
    { name: 'list of 400 series', path: `/api/v1/series?match[]=${encodeURIComponent('{job="api"}')}&${day}` },
  ];
}

const PANELS = [
  'sum by (job) (rate(http_requests_total[5m]))',
  'sum(rate(http_requests_total{code="500"}[5m])) / sum(rate(http_requests_total[5m]))',
  'histogram_quantile(0.95, sum by (le) (rate(request_duration_seconds_bucket[5m])))',
  'histogram_quantile(0.5, sum by (le) (rate(request_duration_seconds_bucket[5m])))',
  'topk(5, rate(network_receive_bytes_total[5m]))',
  'avg by (zone) (node_load1)',
  'max by (job) (temperature_celsius)',
  'sum by (zone) (node_memory_used_bytes)',
];

/** The eight panels of a dashboard over six hours. */
export function dashboardPaths(time: number): string[] {
  return PANELS.map((query) => range(query, time, 6, MINUTE));
}
