import { describe, expect, it } from 'vitest';
import { closeNames } from './close-names.ts';

const known = ['host_cpu_usage_percent', 'host_cpu_seconds_total', 'host_load1', 'severity'];

describe('closeNames', () => {
  it.each<[string, string[]]>([
    ['host_cpu_usage_percnt', ['host_cpu_usage_percent']],
    ['host_cpu_usage', ['host_cpu_usage_percent']],
    ['host_cpu', ['host_cpu_seconds_total', 'host_cpu_usage_percent']],
    ['Severty', ['severity']],
    ['nothing_like_it', []],
  ])('of %s', (name, expected) => expect(closeNames(name, known)).toEqual(expected));
});
