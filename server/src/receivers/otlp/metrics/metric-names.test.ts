import { describe, expect, it } from 'vitest';
import { type NamedKind, storedName } from './metric-names.ts';

describe('stored metric names', () => {
  it.each<[string, string, NamedKind, string, string]>([
    // name, unit, kind, stored name, stored unit
    ['http.server.request.duration', 's', 'other', 'http_server_request_duration_seconds', 'seconds'],
    ['http.server.requests', '', 'counter', 'http_server_requests_total', ''],
    ['requests_total', '', 'counter', 'requests_total', ''],
    ['total.requests', '', 'counter', 'requests_total', ''],
    ['system.network.io', 'By', 'counter', 'system_network_io_bytes_total', 'bytes'],
    ['process.cpu.time', 's', 'counter', 'process_cpu_time_seconds_total', 'seconds'],
    ['cpu_seconds_total', 's', 'counter', 'cpu_seconds_total', 'seconds'],
    ['system.cpu.utilization', '1', 'gauge', 'system_cpu_utilization_ratio', 'ratio'],
    ['cpu_usage_ratio', '1', 'gauge', 'cpu_usage_ratio', 'ratio'],
    ['items', '1', 'counter', 'items_total', ''],
    ['queue.length', '1', 'other', 'queue_length', ''],
    ['response_time', 'ms', 'gauge', 'response_time_milliseconds', 'milliseconds'],
    ['response_time_seconds', 's', 'gauge', 'response_time_seconds', 'seconds'],
    ['system.disk.io.speed', 'By/s', 'gauge', 'system_disk_io_speed_bytes_per_second', 'bytes_per_second'],
    ['requests', '1/s', 'gauge', 'requests_per_second', 'per_second'],
    ['hertz.of.cpu', 'Hz', 'gauge', 'hertz_of_cpu', 'hertz'],
    ['room.temperature', 'Cel', 'gauge', 'room_temperature_celsius', 'celsius'],
    ['memory.limit', 'MiBy', 'gauge', 'memory_limit_mebibytes', 'mebibytes'],
    ['battery.charge', '%', 'gauge', 'battery_charge_percent', 'percent'],
    ['uptime', 'd', 'gauge', 'uptime_days', 'days'],
    ['messaging.messages', '{message}', 'counter', 'messaging_messages_total', ''],
    ['broken', '{message}/s', 'gauge', 'broken_per_second', 'per_second'],
    ['throughput', 'By/{request}', 'gauge', 'throughput_bytes', 'bytes'],
    ['speed', 'm/s', 'gauge', 'speed_meters_per_second', 'meters_per_second'],
    ['rate', 'By/m', 'gauge', 'rate_bytes_per_minute', 'bytes_per_minute'],
    ['custom', 'widget_units', 'gauge', 'custom_widget_units', 'widget_units'],
    [
      'custom_metric',
      'unit@with#special/chars',
      'gauge',
      'custom_metric_unit_with_special_per_chars',
      'unit_with_special_per_chars',
    ],
    ['a__b..c--d', '', 'gauge', 'a_b_c_d', ''],
    ['.leading.and.trailing.', '', 'gauge', 'leading_and_trailing', ''],
    ['3d.printer', '', 'gauge', '_3d_printer', ''],
    ['recording:rule:name', '', 'gauge', 'recording:rule:name', ''],
    ['größe', '', 'gauge', 'gr_e', ''],
    ['@#$%', '', 'gauge', '', ''],
    ['', 's', 'gauge', '', ''],
  ])('%s [%s] as %s', (name, unit, kind, expectedName, expectedUnit) => {
    expect(storedName(name, unit, kind)).toEqual({ name: expectedName, unit: expectedUnit });
  });

  it.each<[string, string, NamedKind, string, string]>([
    // name, unit, kind, with suffixes, as it is
    [
      'http.server.request.duration',
      's',
      'other',
      'http.server.request.duration_seconds',
      'http.server.request.duration',
    ],
    ['http.server.requests', '', 'counter', 'http.server.requests_total', 'http.server.requests'],
    ['requests.total', '', 'counter', 'requests_total', 'requests.total'],
    ['jobs_total', 's', 'counter', 'jobs_seconds_total', 'jobs_total'],
    ['memory.bytes', 'By', 'gauge', 'memory_bytes', 'memory.bytes'],
    ['disk.speed', 'By/s', 'gauge', 'disk.speed_bytes_per_second', 'disk.speed'],
    ['cpu.utilization', '1', 'gauge', 'cpu.utilization_ratio', 'cpu.utilization'],
    ['schlüssel-zahl', '', 'gauge', 'schlüssel-zahl', 'schlüssel-zahl'],
    ['total', '', 'counter', 'total_total', 'total'],
  ])('%s (%s, %s) in UTF-8', (name, unit, kind, suffixed, plain) => {
    expect(storedName(name, unit, kind, 'NoUTF8EscapingWithSuffixes').name).toBe(suffixed);
    expect(storedName(name, unit, kind, 'NoTranslation').name).toBe(plain);
  });
});
