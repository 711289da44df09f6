import { expect, it } from 'vitest';
import { withField } from './log-filters.ts';

it.each([
  [undefined, 'service', 'gateway', 'service:gateway'],
  ['timeout', 'http.route', '/a b', 'timeout http.route:"/a b"'],
  ['x', 'text', 'say "hi"\\', 'x text:"say \\"hi\\"\\\\"'],
  ['service:gateway', 'service', 'gateway', 'service:gateway'],
])('adds to %s the field %s', (q, field, value, expected) => {
  expect(withField(q, field, value)).toBe(expected);
});
