import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelsKey } from '../model/labels.ts';
import { type ExpositionFormat, type MetricFamily, renderExposition } from './exposition.ts';
import { ExpositionError, expositionText } from './exposition-scanner.ts';
import { parseExposition } from './parse-exposition.ts';

const histogram = (...lines: string[]) => ['# TYPE a histogram', ...lines, '# EOF'].join('\n');
const om = (text: string) => parseExposition(`${text}\n# EOF\n`, 'openmetrics');

describe('the text format', () => {
  it('reads names, labels, values and times, however they are spaced', () => {
    const samples = parseExposition(
      [
        '# just a comment',
        '# HELP http_total Requests \\\\ \\n by code.',
        '# TYPE   http_total\tcounter',
        'http_total{ code = "200" , path="a\\"b\\\\c\\nd", } 1.5e3 1700000000000',
        '',
        '  bare\t-Inf  ',
        '{"dotted.name","label.name"="x"} NaN',
        '',
      ].join('\n'),
      'text',
    );
    expect(samples).toMatchObject([
      {
        name: 'http_total',
        labels: { code: '200', path: 'a"b\\c\nd' },
        value: 1500,
        timestamp: 1_700_000_000_000,
        family: { type: 'counter', help: 'Requests \\ \n by code.' },
      },
      { name: 'bare', value: Number.NEGATIVE_INFINITY, family: { type: 'unknown' } },
      { name: 'dotted.name', labels: { 'label.name': 'x' }, value: Number.NaN },
    ]);
  });

  it('finds the family of buckets, counts and sums', () => {
    const text = '# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_count 1\nh_sum 2\nh_other 3\n';
    expect(parseExposition(text, 'text').map(({ family }) => family.type)).toEqual([
      'histogram',
      'histogram',
      'histogram',
      'unknown',
    ]);
  });

  it.each([
    ['a', 'line 1: the value is not a number'],
    ['x 1\na{b="c} 1', 'line 2: a quote is missing'],
    ['a 1 1.5', 'whole number'],
    ['a 0x10', 'not a number'],
    ['a{b="\\t"} 1', 'escape'],
    ['{a="b"} 1', 'no name'],
    ['{"a","b"} 1', 'two names'],
    ['a{__proto__="b"} 1', 'no label name'],
    ['# TYPE a gouge', 'not a type'],
    ['# HELP a one\n# HELP a two\n', 'line 2: HELP of a is there twice'],
    ['a 1\nb 2', 'line 2: the line does not end in a line feed'],
  ])('refuses %j', (text, message) => {
    expect(() => parseExposition(text, 'text')).toThrow(message);
  });

  it.each(['# HELP\n# TYPE\n', '# HELP a\n# HELP a \n# TYPE a\n# TYPE a\t\na 1\n', 'a 1\n# HELP a late\n  '])(
    'takes %j, which says nothing wrong',
    (text) => {
      expect(() => parseExposition(text, 'text')).not.toThrow();
    },
  );

  it('must be UTF-8', () => {
    const bytes = Buffer.from('a 1\nb{c="?"} 2\n');
    expect(expositionText(bytes)).toBe(bytes.toString());
    bytes[bytes.indexOf('?')] = 0xbd;
    expect(() => expositionText(bytes)).toThrow('line 2: the text is not UTF-8');
  });
});

describe('OpenMetrics', () => {
  it('reads units, times in seconds and exemplars', () => {
    const samples = om(
      [
        '# TYPE latency_seconds histogram',
        '# UNIT latency_seconds seconds',
        '# HELP latency_seconds Time \\"taken\\".',
        'latency_seconds_bucket{le="0.1"} 8 1700000001.25 # {trace_id="abc # }"} 0.054 1700000000.5',
        'latency_seconds_bucket{le="+Inf"} 9 1700000001.25 # {} 3',
        'latency_seconds_count 9 1700000001.25',
        'latency_seconds_sum 4.5 1700000001.25',
        'latency_seconds_created 1699999999 1700000001.25',
        '# TYPE state stateset',
        'state{state="on"} 1',
        '# TYPE build info',
        'build_info{version="1"} 1',
      ].join('\n'),
    );
    expect(samples[0]).toMatchObject({
      exemplar: { labels: { trace_id: 'abc # }' }, value: 0.054, timestamp: 1_700_000_000_500 },
      family: { unit: 'seconds', help: 'Time "taken".', type: 'histogram' },
    });
    expect(samples[1]).toMatchObject({ timestamp: 1_700_000_001_250, exemplar: { value: 3, timestamp: undefined } });
    expect(samples.map(({ family }) => family.type).slice(2)).toEqual([
      'histogram',
      'histogram',
      'histogram',
      'stateset',
      'info',
    ]);
  });

  it('takes a sample again whose time was cut', () => {
    expect(om('a 1 0.5\na 2 0.5\na 3 1')).toHaveLength(3);
  });

  it.each([
    ['a 1', 'EOF is missing'],
    ['a 1\n# EOF\nb 2\n', 'line 3: nothing may follow'],
    ['a  1\n# EOF', 'not a number'],
    ['a 1 # {\n# EOF', 'expected'],
    ['a 1\na 2\n# EOF', 'line 2: the same sample is there twice'],
    ['a 1 2\na 1 1.999\n# EOF', 'line 2: the timestamps of one label set go back'],
    ['a 1 2\na 1\n# EOF', 'have timestamps or have none'],
    ['a{b="1"} 1\na{b="2"} 1\na{b="1"} 1\n# EOF', 'line 3: the samples of one label set'],
    ['# TYPE a gauge\n# TYPE b gauge\n# HELP a x\n# EOF', 'line 3: the lines of a do not follow each other'],
    ['# TYPE a counter\na 1\n# EOF', 'named a_total, a_created'],
    ['# TYPE a info\na 1\n# EOF', 'named a_info'],
    ['a_total 1\n# TYPE a counter\n# EOF', 'line 2: a_total would belong to a_total as well'],
    [histogram('a_bucket{le="1"} 2', 'a_bucket{le="+Inf"} 1'), 'counts less than the one before'],
    [histogram('a_bucket{le="2"} 1', 'a_bucket{le="1"} 1'), 'not in the order'],
    [histogram('a_bucket{le="1"} 1'), 'line 2: a histogram lacks its bucket +Inf'],
    [histogram('a_bucket{le="+Inf"} 1', 'a_count 2', 'a_sum 1'), 'line 4: _count is not the value'],
    [histogram('a_bucket{le="+Inf"} 1', 'a_count 1'), 'needs _sum'],
    [histogram('a_bucket{le="+Inf"} 1', 'a_sum 1'), 'needs _count'],
    [histogram('a_bucket{le="+Inf"} 0.5'), 'whole number'],
    [histogram('a_bucket{le="-1"} 1', 'a_bucket{le="+Inf"} 1', 'a_count 1', 'a_sum 1'), 'has no _sum'],
    ['# TYPE a summary\na{quantile="0.5"} -1\n# EOF', 'cannot be negative'],
  ])('refuses %j', (text, message) => {
    expect(() => parseExposition(text, 'openmetrics')).toThrow(message);
  });
});

const texts = fc.string({ unit: fc.constantFrom('a', 'é', '"', '\\', '\n', ' ', '{', '#', 'n') });
const family: fc.Arbitrary<MetricFamily> = fc.record({
  name: fc.stringMatching(/^[a-z][a-z_]{0,8}x$/),
  help: texts,
  type: fc.constant('gauge' as const),
  samples: fc.uniqueArray(
    fc.record({ labels: fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), texts), value: fc.double() }),
    { minLength: 1, selector: ({ labels }) => labelsKey(labels) },
  ),
});

describe.each<ExpositionFormat>(['text', 'openmetrics'])('%s', (format) => {
  it('reads back what we write', () => {
    fc.assert(
      fc.property(family, (written) => {
        const samples = parseExposition(renderExposition([written], format), format);
        expect(samples.map(({ labels, value }) => ({ labels, value }))).toEqual(
          written.samples.map(({ labels, value }) => ({
            labels: { ...labels },
            value: Object.is(value, -0) ? 0 : value,
          })),
        );
        expect(samples[0]!.family.help).toBe(format === 'text' ? written.help.replace(/^[ \t]+/, '') : written.help);
      }),
    );
  });

  it('survives any text', () => {
    const letters = fc.constantFrom(
      '# TYPE ',
      '# HELP ',
      'a',
      '_total',
      '{',
      '}',
      '"',
      '=',
      ',',
      ' ',
      '1',
      '\n',
      '\\',
      '#',
      'é',
    );
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 40 }), (parts) => {
        try {
          parseExposition(parts.join(''), format);
        } catch (error) {
          expect(error).toBeInstanceOf(ExpositionError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
