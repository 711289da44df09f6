import { describe, expect, it } from 'vitest';
import { allowedHosts, isLoopback, urlOf } from './addresses.ts';

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', 'localhost'])('%s is', (host) => expect(isLoopback(host)).toBe(true));
  it.each(['0.0.0.0', '::', '10.0.0.1', 'example.org', '128.0.0.1'])('%s is not', (host) =>
    expect(isLoopback(host)).toBe(false),
  );
});

describe('urlOf', () => {
  it.each([
    ['127.0.0.1', '/', 'http://localhost:8013/'],
    ['0.0.0.0', '/', 'http://localhost:8013/'],
    ['fd00::1', '/m', 'http://[fd00::1]:8013/m'],
    ['monitor.example.org', '/', 'http://monitor.example.org:8013/'],
  ])('of %s', (host, basePath, expected) => expect(urlOf(host, 8013, basePath)).toBe(expected));
});

describe('allowedHosts', () => {
  it('knows the public name where no credentials guard the door', () => {
    expect(allowedHosts(true, 'https://Monitor.example.org/x')).toEqual(new Set(['monitor.example.org']));
    expect(allowedHosts(true, undefined)).toEqual(new Set());
    expect(allowedHosts(false, undefined)).toBeUndefined();
  });
});
