import { describe, expect, it } from 'vitest';
import { bindParameters } from './bind-parameters.ts';

describe('bindParameters', () => {
  const f = (sql: string, parameters: Record<string, unknown>, expected: string) =>
    it(sql, () => expect(bindParameters(sql, parameters)).toBe(expected));

  f('SELECT {a:String}', { a: "it's" }, "SELECT 'it\\'s'");
  f('SELECT {a:String}', { a: 'a\\b\0\n' }, "SELECT 'a\\\\b\\0\\n'");
  f('SELECT {a:UInt64}', { a: 18446744073709551615n }, "SELECT CAST(18446744073709551615, 'UInt64')");
  f('SELECT {a:UInt8}', { a: '1); DROP TABLE x' }, "SELECT CAST('1); DROP TABLE x', 'UInt8')");
  f('SELECT {a:Array(String)}', { a: ['x', "y'"] }, "SELECT CAST(['x', 'y\\''], 'Array(String)')");
  f('SELECT {a:Nullable(String)}', { a: null }, "SELECT CAST(NULL, 'Nullable(String)')");
  f('SELECT {a:Float64}', { a: Number.NaN }, "SELECT CAST('NaN', 'Float64')");
  f('SELECT * FROM {t:Identifier}', { t: 'a`b' }, 'SELECT * FROM `a\\`b`');
  f(
    "SELECT '{a:String}', `{a:String}` /* {a:String} */ -- {a:String}",
    {},
    "SELECT '{a:String}', `{a:String}` /* {a:String} */ -- {a:String}",
  );
  f("SELECT '\\'{a:String}', {a:String}", { a: 'x' }, "SELECT '\\'{a:String}', 'x'");
  f("SELECT {'k': 1}", {}, "SELECT {'k': 1}");

  it('refuses SQL whose parameter is not given', () => {
    expect(() => bindParameters('SELECT {toString:String}')).toThrow('toString');
  });
});
