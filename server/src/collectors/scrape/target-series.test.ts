import { describe, expect, it } from 'vitest';
import { ConfigMap } from '../../lib/config-map.ts';
import type { ExpositionFormat } from '../../lib/exposition.ts';
import { readRelabelRules } from '../../lib/relabel.ts';
import type { SeriesSamples } from '../../model/metric.ts';
import { STALE_MARKER_BITS } from '../../model/stale-marker.ts';
import { readText } from './read-text.ts';
import { type SampleRules, type ScrapeOutcome, TargetSeries } from './target-series.ts';

const RULES: SampleRules = {
  honorLabels: false,
  honorTimestamps: true,
  trackTimestampsStaleness: false,
  metricRelabelRules: [],
  sampleLimit: 0,
  labelLimit: 0,
  labelNameLengthLimit: 0,
  labelValueLengthLimit: 0,
  nameValidation: 'utf8',
};
const NOW = Date.UTC(2026, 0, 5);
const INTERVAL = 15_000;

function target(rules: Partial<SampleRules> = {}, labels: Record<string, string> = { job: 'j', instance: 'i:1' }) {
  const series = new TargetSeries(labels, { ...RULES, ...rules });
  let time = NOW;
  const begin = () => {
    time += INTERVAL;
    series.begin(time);
  };
  return {
    series,
    scrape(text: string, format: ExpositionFormat = 'text'): ScrapeOutcome {
      begin();
      readText(text, format, series);
      return series.finish();
    },
    fail(): ScrapeOutcome {
      begin();
      return series.fail();
    },
  };
}

function relabelRules(...rules: Record<string, unknown>[]) {
  return readRelabelRules(new ConfigMap({ rules }, '', []), 'rules');
}

const isStale = ({ values }: SeriesSamples) =>
  values instanceof Float64Array && new BigUint64Array(values.buffer)[0] === STALE_MARKER_BITS;

/** `name{label="value"} 1`, `... ends` for a stale marker. */
function shown({ batch }: ScrapeOutcome): string[] {
  return batch.map((item) => {
    const labels = Object.entries(item.labels)
      .map(([name, value]) => `${name}="${value}"`)
      .sort();
    return `${item.name}{${labels.join(',')}} ${isStale(item) ? 'ends' : item.values[0]}`;
  });
}

describe('the series of a target', () => {
  it('keep their labels objects from scrape to scrape', () => {
    const { scrape } = target();
    const text = 'a{x="1"} 1\nb 2\n{"c.d","e f"="g"} 3 1\n';
    const [first, second] = [scrape(text), scrape(text.replaceAll(/ (\d)\n/g, ' 4\n'))];
    expect(shown(first)).toEqual([
      'a{instance="i:1",job="j",x="1"} 1',
      'b{instance="i:1",job="j"} 2',
      'c.d{e f="g",instance="i:1",job="j"} 3',
    ]);
    expect(second.batch.map(({ labels }) => labels)).toEqual(first.batch.map(({ labels }) => labels));
    for (const [index, { labels }] of second.batch.entries()) expect(labels).toBe(first.batch[index]!.labels);
    expect([first.added, second.added]).toEqual([3, 0]);
    expect([first, second].map(({ batch }) => batch[0]!.timestamps[0])).toEqual([NOW + INTERVAL, NOW + 2 * INTERVAL]);
  });

  it('read every form of line the same when it is known', () => {
    const { scrape } = target({}, {});
    const text = [
      'plain 1',
      '  spaced   2  ',
      'tab\t3\t',
      'timed 4 1700000000000',
      'tricky{a="x 5",b="} 6"} 7',
      'tricky{a="x # {",b="\\"} 8"} 9',
      'inf{le="+Inf"} +Inf',
    ].join('\n');
    const first = scrape(text);
    expect(shown(scrape(text))).toEqual(shown(first));
    expect(first.batch.map(({ values }) => values[0])).toEqual([1, 2, 3, 4, 7, 9, Number.POSITIVE_INFINITY]);
    expect(first.batch[3]!.timestamps).toEqual([1_700_000_000_000]);
  });

  it('read OpenMetrics with exemplars, known or not', () => {
    const { scrape } = target({}, {});
    const text = [
      '# TYPE a counter',
      'a_total{x=" # {"} 1 1700000000.5 # {id=" # {"} 5 1700000000',
      'a_total{x="y"} 2 # {} 3',
      '# EOF',
      '',
    ].join('\n');
    const first = scrape(text, 'openmetrics');
    expect(first.batch.map(({ values, timestamps, type }) => [values[0], timestamps[0], type])).toEqual([
      [1, 1_700_000_000_500, 'counter'],
      [2, NOW + INTERVAL, 'counter'],
    ]);
    expect(shown(scrape(text, 'openmetrics'))).toEqual(shown(first));
  });

  it('take type, unit and help of their family, also when these change', () => {
    const { scrape } = target();
    scrape('h_bucket{le="+Inf"} 1\nh_sum 1\n');
    const [bucket, sum] = scrape('# TYPE h histogram\n# HELP h Time.\nh_bucket{le="+Inf"} 1\nh_sum 1\n').batch;
    expect([bucket!.type, bucket!.help, sum!.type]).toEqual(['histogram', 'Time.', 'histogram']);
    expect(scrape('# TYPE h_sum gauge\nh_sum 1\n').batch[0]!.type).toBe('gauge');
  });

  it('end with a stale marker when a scrape lacks them', () => {
    const { scrape, series } = target({}, {});
    scrape('a 1\nb 1\n');
    expect(shown(scrape('a 2\n'))).toEqual(['a{} 2', 'b{} ends']);
    expect(shown(scrape('a 3\n'))).toEqual(['a{} 3']);
    expect(series.size).toBe(1);
    const again = scrape('a 4\nb 4\n');
    expect([shown(again), again.added]).toEqual([['a{} 4', 'b{} 4'], 1]);
  });

  it('end when a scrape fails, once, and are known when they come back', () => {
    const { scrape, fail } = target({}, {});
    const before = scrape('a 1\n').batch[0]!;
    expect(shown(fail())).toEqual(['a{} ends']);
    expect(shown(fail())).toEqual([]);
    const after = scrape('a 2\n');
    expect([after.batch[0]!.labels === before.labels, after.added]).toEqual([true, 0]);
  });

  it('with times of their own end only where these are tracked', () => {
    const text = 'a 1 1700000000000\n';
    const untracked = target({}, {});
    untracked.scrape(text);
    expect(shown(untracked.scrape(''))).toEqual([]);
    const tracked = target({ trackTimestampsStaleness: true }, {});
    tracked.scrape(text);
    expect(shown(tracked.scrape(''))).toEqual(['a{} ends']);
    const ignored = target({ honorTimestamps: false }, {});
    expect(ignored.scrape(text).batch[0]!.timestamps).toEqual([NOW + INTERVAL]);
    expect(shown(ignored.scrape(''))).toEqual(['a{} ends']);
  });

  it('count once a scrape: the first sample wins', () => {
    const { scrape } = target({ metricRelabelRules: relabelRules({ action: 'labeldrop', regex: 'x' }) }, {});
    const outcome = scrape('a 1\na 2\nb{x="1"} 1\nb{x="2"} 2\n');
    expect([shown(outcome), outcome.scraped, outcome.kept]).toEqual([['a{} 1', 'b{} 1'], 4, 2]);
  });

  it('lie at most ten minutes ahead', () => {
    const { scrape } = target({}, {});
    expect(shown(scrape(`a 1 ${NOW + 3_600_000}\nb 1 ${NOW + 60_000}\n`))).toEqual(['b{} 1']);
  });

  it('rename labels that collide with those of the target, or honour them', () => {
    const text = 'a{job="x",exported_job="y",instance=""} 1\n';
    expect(shown(target().scrape(text))).toEqual([
      'a{exported_exported_job="x",exported_job="y",instance="i:1",job="j"} 1',
    ]);
    expect(shown(target({ honorLabels: true }).scrape(text))).toEqual(['a{exported_job="y",job="x"} 1']);
    expect(shown(target({ honorLabels: true }).scrape('a 1\n'))).toEqual(['a{instance="i:1",job="j"} 1']);
  });

  it('are relabelled, name included', () => {
    const metricRelabelRules = relabelRules(
      { action: 'drop', source_labels: ['__name__'], regex: 'go_.*' },
      { source_labels: ['__name__'], regex: 'old_(.*)', target_label: '__name__', replacement: 'new_$1' },
    );
    const { scrape } = target({ metricRelabelRules }, {});
    const outcome = scrape('go_a 1\nold_b 2\nc 3\n');
    expect([shown(outcome), outcome.scraped, outcome.kept, outcome.added]).toEqual([['new_b{} 2', 'c{} 3'], 3, 2, 2]);
  });

  it.each<[rules: Partial<SampleRules>, text: string, message: RegExp]>([
    [{ sampleLimit: 1 }, 'a 1\nb 1\n', /sample_limit/],
    [{ labelLimit: 4 }, 'a{x="1",y="2"} 1\n', /5 labels .* label_limit .*metric a/],
    [{ labelNameLengthLimit: 9 }, 'a{long_label="1"} 1\n', /long_label .*label_name_length_limit/],
    [{ labelValueLengthLimit: 3 }, 'a{x="éé"} 1\n', /value of x .*label_value_length_limit/],
    [{ nameValidation: 'legacy' }, '{"a.b"} 1\n', /"a.b" is no metric name/],
    [{ nameValidation: 'legacy' }, 'a{"b.c"="x"} 1\n', /"b.c" is no label name/],
    [{ metricRelabelRules: relabelRules({ target_label: '__name__', replacement: '' }) }, 'a 1\n', /without a name/],
    [{}, 'a 1\nb\n', /line 2: the value is not a number/],
    [{}, 'a 1 2 3\n', /line 1: there is more after the timestamp/],
    [{}, 'a{b="c} 1\n', /line 1: a quote is missing/],
    [{}, '# TYPE a gouge\n', /line 1: "gouge" is not a type/],
  ])('fail where a rule or a line is broken (%#)', (rules, text, message) => {
    expect(() => target(rules).scrape(text)).toThrow(message);
  });

  it.each([
    ['a 1\n', /EOF is missing/],
    ['a 1\n# EOF\nb 1\n', /line 3: nothing may follow/],
    ['a 1\n\n# EOF\n', /line 2: empty/],
    ['a 1 NaN\n# EOF\n', /timestamp/],
    ['# UNIT a seconds\n# EOF\n', /does not end in its unit/],
  ])('fail with the OpenMetrics %j', (text, message) => {
    expect(() => target().scrape(text, 'openmetrics')).toThrow(message);
  });
});
