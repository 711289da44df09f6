// biome-ignore-all lint/suspicious/noTemplateCurlyInString: relabelling writes its variables like this

import { describe, expect, it } from 'vitest';
import type { Issue } from '../model/errors.ts';
import { ConfigMap } from './config-map.ts';
import { readRelabelRules, relabel } from './relabel.ts';

function read(rules: unknown): { rules: ReturnType<typeof readRelabelRules>; problems: Issue[] } {
  const problems: Issue[] = [];
  return {
    rules: readRelabelRules(new ConfigMap({ relabel_configs: rules }, '', problems), 'relabel_configs'),
    problems,
  };
}

function run(labels: Record<string, string>, ...configs: Record<string, unknown>[]) {
  const { rules, problems } = read(configs);
  expect(problems).toEqual([]);
  return relabel(labels, rules);
}

const abc = { a: 'foo', b: 'bar', c: 'baz' };

describe('relabel', () => {
  it.each<[string, Record<string, string>, Record<string, unknown>, Record<string, string> | undefined]>([
    [
      'replaces with groups',
      abc,
      { source_labels: ['a'], regex: 'f(.*)', target_label: 'd', replacement: 'ch${1}-ch${1}' },
      { ...abc, d: 'choo-choo' },
    ],
    [
      'joins the sources',
      abc,
      { source_labels: ['a', 'b'], regex: '(.*);(.*)', target_label: 'd', replacement: '$2-$1' },
      { ...abc, d: 'bar-foo' },
    ],
    [
      'takes another separator',
      abc,
      { source_labels: ['a', 'b'], separator: '/', target_label: 'd' },
      { ...abc, d: 'foo/bar' },
    ],
    [
      'leaves what does not match',
      abc,
      { source_labels: ['a'], regex: 'x.*', target_label: 'b', replacement: 'no' },
      abc,
    ],
    ['anchors at both ends', abc, { source_labels: ['a'], regex: 'o', target_label: 'b', replacement: 'no' }, abc],
    [
      'anchors alternatives as a whole',
      { a: 'foobar' },
      { source_labels: ['a'], regex: 'foo|bar', target_label: 'b', replacement: 'no' },
      { a: 'foobar' },
    ],
    ['sets a constant', abc, { target_label: 'd', replacement: 'x' }, { ...abc, d: 'x' }],
    ['deletes by an empty replacement', abc, { target_label: 'a', replacement: '' }, { b: 'bar', c: 'baz' }],
    ['deletes by an empty result', abc, { source_labels: ['nothing'], target_label: 'a' }, { b: 'bar', c: 'baz' }],
    [
      'fills in the target',
      { a: 'some-name-value' },
      { source_labels: ['a'], regex: 'some-([^-]+)-([^,]+)', replacement: '${2}', target_label: '${1}' },
      { a: 'some-name-value', name: 'value' },
    ],
    [
      'leaves an empty target alone',
      { a: 'x' },
      { source_labels: ['a'], regex: 'x(.*)', replacement: 'y', target_label: '${1}' },
      { a: 'x' },
    ],
    [
      'knows named groups',
      { a: 'k=v' },
      { source_labels: ['a'], regex: '(?P<key>\\w+)=(?P<val>\\w+)', target_label: '$key', replacement: '$val' },
      { a: 'k=v', k: 'v' },
    ],
    [
      'takes the longest name of a variable',
      { a: 'x' },
      { source_labels: ['a'], regex: '(.*)', target_label: 'b', replacement: '$1_y' },
      { a: 'x' },
    ],
    [
      'writes $$ as $',
      { a: 'x' },
      { source_labels: ['a'], target_label: 'b', replacement: '$$$1 $' },
      { a: 'x', b: '$x $' },
    ],
    [
      'matches line ends by a dot',
      { a: 'x\ny' },
      { source_labels: ['a'], regex: 'x.y', target_label: 'b', replacement: 'z' },
      { a: 'x\ny', b: 'z' },
    ],
    ['keeps', abc, { action: 'keep', source_labels: ['a'], regex: 'foo' }, abc],
    ['keeps not', abc, { action: 'keep', source_labels: ['a'], regex: 'fo' }, undefined],
    ['drops', abc, { action: 'drop', source_labels: ['a', 'b'], regex: 'foo;bar' }, undefined],
    ['drops not', abc, { action: 'drop', source_labels: ['a'], regex: 'o+' }, abc],
    ['drops what has no label', abc, { action: 'drop', source_labels: ['z'], regex: '' }, undefined],
    [
      'keeps the equal',
      { p: '80', q: '80' },
      { action: 'keepequal', source_labels: ['p'], target_label: 'q' },
      { p: '80', q: '80' },
    ],
    [
      'keeps the equal only',
      { p: '80', q: '81' },
      { action: 'keepequal', source_labels: ['p'], target_label: 'q' },
      undefined,
    ],
    [
      'drops the equal',
      { p: '80', q: '80' },
      { action: 'dropequal', source_labels: ['p'], target_label: 'q' },
      undefined,
    ],
    [
      'drops the equal only',
      { p: '80', q: '81' },
      { action: 'dropequal', source_labels: ['p'], target_label: 'q' },
      { p: '80', q: '81' },
    ],
    [
      'maps labels',
      { a: 'x', b1: 'y', b2: 'z' },
      { action: 'labelmap', regex: '(b.*)', replacement: 'bar_$1' },
      { a: 'x', b1: 'y', b2: 'z', bar_b1: 'y', bar_b2: 'z' },
    ],
    [
      'maps meta labels',
      { __meta_my_bar: 'a', __meta_x: 'b', a: 'c' },
      { action: 'labelmap', regex: '__meta_(my.*)' },
      { __meta_my_bar: 'a', __meta_x: 'b', a: 'c', my_bar: 'a' },
    ],
    ['drops labels', { a: '1', b1: '2', b2: '3' }, { action: 'labeldrop', regex: '(b.*)' }, { a: '1' }],
    ['keeps labels', { a: '1', b1: '2', b2: '3' }, { action: 'labelkeep', regex: '(b.*)' }, { b1: '2', b2: '3' }],
    ['lowers', { a: 'FoO' }, { action: 'lowercase', source_labels: ['a'], target_label: 'b' }, { a: 'FoO', b: 'foo' }],
    ['raises', { a: 'FoO' }, { action: 'uppercase', source_labels: ['a'], target_label: 'b' }, { a: 'FoO', b: 'FOO' }],
    ['takes actions in any case', { a: 'x' }, { action: 'Drop', source_labels: ['a'], regex: 'x' }, undefined],
    [
      'takes names beyond ASCII',
      { a: 'x' },
      { source_labels: ['a'], target_label: 'größe.x' },
      { a: 'x', 'größe.x': 'x' },
    ],
  ])('%s', (_, labels, config, expected) => {
    expect(run(labels, config)).toEqual(expected);
  });

  // The same figures as Prometheus gives for these texts: the last eight bytes of MD5.
  it('shards by hash', () => {
    expect(
      run(abc, { action: 'hashmod', source_labels: ['c'], target_label: 'd', separator: ';', modulus: 1000 }),
    ).toEqual({ ...abc, d: '976' });
    expect(
      run({ a: 'foo\nbar' }, { action: 'hashmod', source_labels: ['a'], target_label: 'b', modulus: '1000' }),
    ).toEqual({ a: 'foo\nbar', b: '734' });
  });

  it('runs rules one after the other', () => {
    const rules = [
      { source_labels: ['a'], target_label: 'b', replacement: '$1-1' },
      { source_labels: ['b'], target_label: 'c', regex: '(.*)', replacement: '${1}-2' },
    ];
    expect(run({ a: 'x' }, { ...rules[0], replacement: '${1}-1' }, rules[1]!)).toEqual({
      a: 'x',
      b: 'x-1',
      c: 'x-1-2',
    });
  });

  it('drops empty labels from its answer', () => {
    expect(run({ a: '', b: 'x' })).toEqual({ b: 'x' });
  });
});

describe('readRelabelRules', () => {
  it.each<[Record<string, unknown>, string, RegExp]>([
    [{ action: 'explode' }, 'action', /use one of replace, keep/],
    [{ action: 'replace', regex: 'x' }, 'target_label', /needs it/],
    [{ action: 'hashmod', target_label: 'a' }, 'modulus', /needs it/],
    [{ action: 'hashmod', target_label: 'a', modulus: 0 }, 'modulus', /from 1/],
    [{ action: 'hashmod', target_label: 'a', modulus: '-3' }, 'modulus', /whole number/],
    [{ action: 'lowercase', target_label: 'a', replacement: 'b' }, 'replacement', /does not take it/],
    [{ action: 'keepequal', source_labels: ['a'] }, 'target_label', /needs it/],
    [
      { action: 'dropequal', source_labels: ['a'], target_label: 'b', regex: 'c' },
      'regex',
      /only target_label, source_labels/,
    ],
    [{ action: 'labeldrop', regex: 'a', source_labels: ['b'] }, 'source_labels', /only regex/],
    [{ action: 'labelkeep', regex: 'a', replacement: 'b' }, 'replacement', /only regex/],
    [{ action: 'drop', regex: '(' }, 'regex', /no RE2 expression/],
    [{ action: 'drop', regex: '(?=a)' }, 'regex', /no RE2 expression/],
    [{ action: 'keep', source_labels: 'a' }, 'source_labels', /expected a list/],
    [{ action: 'keep', source_labels: [''] }, 'source_labels[0]', /empty/],
    [{ action: 'keep', source_label: ['a'] }, 'source_label', /did you mean source_labels/],
  ])('refuses %j', (config, field, message) => {
    const { problems } = read([{ target_label: 'ok', replacement: 'x' }, config]);
    expect(problems).toEqual([{ path: `relabel_configs[1].${field}`, message: expect.stringMatching(message) }]);
  });

  it('takes numbers where texts are meant', () => {
    expect(run({ port: '8080' }, { action: 'keep', source_labels: ['port'], regex: 8080 })).toEqual({ port: '8080' });
  });
});
