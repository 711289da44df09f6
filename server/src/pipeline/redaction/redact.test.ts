import { describe, expect, it } from 'vitest';
import { ConfigMap } from '../../lib/config-map.ts';
import { packAttributes } from '../../model/attribute-packer.ts';
import type { Issue } from '../../model/errors.ts';
import { readRedactionRules } from './redaction-rule.ts';
import { Redactor } from './redactor.ts';

function redactor(...rules: object[]): Redactor {
  const issues: Issue[] = [];
  const read = readRedactionRules(new ConfigMap({ redact: rules }, '', issues), 'redact');
  expect(issues).toEqual([]);
  return new Redactor(read, 'a key of the test');
}

function text(value: string, ...rules: object[]): string {
  return redactor(...rules).text(value, () => {});
}

const everything = { presets: ['authorization', 'passwords', 'tokens', 'emails', 'card_numbers'] };

describe('presets find secrets in texts', () => {
  it.each([
    ['Authorization: Bearer abc.def-ghi', 'Authorization: Bearer [redacted]'],
    ['sent Basic dXNlcjpwYXNzd29yZA== to it', 'sent Basic [redacted] to it'],
    ['login password=hunter2&user=a', 'login password=[redacted]&user=a'],
    ['{"password": "hunter2", "a": 1}', '{"password": "[redacted]", "a": 1}'],
    ['{\\"passwd\\":\\"x1y2\\"}', '{\\"passwd\\":\\"[redacted]\\"}'],
    ['postgres://app:s3cret@db:5432/x', 'postgres://app:[redacted]@db:5432/x'],
    ['access_token: abcdef', 'access_token: [redacted]'],
    ['API-Key=12345 ok', 'API-Key=[redacted] ok'],
    ['jwt eyJhbGciOi.eyJzdWIiOiIx.abc-DEF end', 'jwt [redacted] end'],
    ['key AKIAIOSFODNN7EXAMPLE', 'key [redacted]'],
    [`ghp_${'a1'.repeat(18)}`, '[redacted]'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----', '[redacted]'],
    ['mail to ann.b+c@mail.example.org.', 'mail to [redacted].'],
    ['card 4111 1111 1111 1111 used', 'card [redacted] used'],
    ['card 378282246310005', 'card [redacted]'],
  ])('%s', (value, expected) => {
    expect(text(value, everything)).toBe(expected);
  });

  it.each([
    'the password was wrong',
    'token bucket is empty',
    'took 4111111111111112 ns',
    'at 1795428000123456789',
    '4bf92f3577b34da6a3ce929d0e0e4736',
    'user@host',
    'GET http://host:8080/path',
    'a basic idea',
  ])('and leave alone: %s', (value) => {
    expect(text(value, everything)).toBe(value);
  });

  it.each(['@', 'a@', 'eyJa.', '4 ', 'password', '://a:', 'Bearer ', 'a.@', 'PRIVATE KEY-----BEGIN '])(
    'read a long run of %j, for which a careless pattern would take hours',
    (piece) => {
      expect(text(piece.repeat(1_000_000 / piece.length), everything)).toContain(piece.trim().slice(0, 1));
    },
  );
});

describe('attributes', () => {
  const attributes = packAttributes({
    'http.request.header.authorization': 'Bearer x',
    'user.id': '17',
    'user.mail': 'write to ann@example.org',
    plain: 'nothing',
  });

  it('are redacted by key in any case, or by value', () => {
    let redacted = 0;
    const result = redactor(
      { presets: ['authorization'], action: 'delete' },
      { keys: ['USER.id'], action: 'hash' },
      { presets: ['emails'] },
    ).attributes(attributes, () => redacted++);
    expect(result.toRecord()).toEqual({
      'user.id': expect.stringMatching(/^hmac:[0-9a-f]{16}$/),
      'user.mail': 'write to [redacted]',
      plain: 'nothing',
    });
    expect(redacted).toBe(3);
  });

  it('stay the very same list where nothing is secret', () => {
    const harmless = packAttributes({ a: '1' });
    expect(redactor(everything).attributes(harmless, () => {})).toBe(harmless);
  });

  it('are hashed to the same for the same, and to another for another key', () => {
    const rule = { values: ['id-[0-9]+'], action: 'hash' };
    const [first, second, third] = ['a id-1', 'b id-1', 'c id-2'].map((value) => text(value, rule).slice(2));
    expect(first).toBe(second);
    expect(third).not.toBe(first);
    const { action, keys, values } = { action: 'hash' as const, keys: [], values: [] };
    const other = new Redactor([{ action, keys: [(key) => key === 'k'], values }], 'another key');
    const here = new Redactor([{ action, keys: [(key) => key === 'k'], values: keys }], 'a key of the test');
    const list = packAttributes({ k: 'v' });
    expect(other.attributes(list, () => {}).get('k')).not.toBe(here.attributes(list, () => {}).get('k'));
  });

  it('take what the configuration calls secret, and nothing around it', () => {
    expect(text('ticket T-123 and T-4', { values: ['T-[0-9]+'] })).toBe('ticket [redacted] and [redacted]');
    expect(text('ticket T-123', { values: ['T-[0-9]+'], action: 'delete' })).toBe('ticket ');
  });
});
