import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { AnswerFormat } from '../../server/src/collectors/scrape/content.ts';
import { readProtobuf } from '../../server/src/collectors/scrape/read-protobuf.ts';
import { readText } from '../../server/src/collectors/scrape/read-text.ts';
import { type SampleRules, TargetSeries } from '../../server/src/collectors/scrape/target-series.ts';
import type { ExpositionFormat } from '../../server/src/lib/exposition.ts';
import { expositionText } from '../../server/src/lib/exposition-scanner.ts';
import { parseExposition } from '../../server/src/lib/parse-exposition.ts';

/** Expositions of Prometheus, OpenMetrics, node_exporter and Telegraf: what must be read and what must be refused. */
const suites = process.env.CONFORMANCE_DIR;
if (!suites) {
  if (process.env.CI === 'true') throw new Error('CONFORMANCE_DIR must be set with CI=true');
  process.stderr.write('SKIPPED: expositions: CONFORMANCE_DIR is not set\n');
}

const SCRAPE_RULES: SampleRules = {
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

interface Case {
  readonly name: string;
  readonly file: string;
  readonly format: AnswerFormat;
  /** Undefined: any answer but a crash. */
  readonly good: boolean | undefined;
  /** At least so many samples are in it. */
  readonly samples?: number;
  /** A whole answer of a real exporter: read as a scrape reads it, for real ones break rules. */
  readonly scraped?: boolean;
}

const root = path.join(suites ?? '', 'exposition');
const list = (folder: string) => readdirSync(path.join(root, folder)).sort();

function openMetricsCases(): Case[] {
  return list('openmetrics-parsers').map((name) => {
    const folder = path.join(root, 'openmetrics-parsers', name);
    const { shouldParse } = JSON.parse(readFileSync(path.join(folder, 'test.json'), 'utf8')) as {
      shouldParse: boolean;
    };
    return { name, file: path.join(folder, 'metrics'), format: 'openmetrics', good: shouldParse };
  });
}

function fileCases(folder: string): Case[] {
  return list(folder).map((name) => ({
    name: `${folder}/${name}`,
    file: path.join(root, folder, name),
    format: name.endsWith('.bin') ? 'protobuf' : name.includes('.om.') ? 'openmetrics' : 'text',
    good: !name.includes('_error_'),
    scraped: folder === 'samples',
  }));
}

/** OpenMetrics in protobuf is left out: it has a schema of its own, which nobody serves. */
function telegrafCases(folder: string, format: ExpositionFormat, input = 'input.txt'): Case[] {
  return list(folder)
    .filter((name) => existsSync(path.join(root, folder, name, input)))
    .map((name): Case => {
      const expected = readFileSync(path.join(root, folder, name, 'expected_v2.out'), 'utf8');
      const fields = expected.split('\n').flatMap((line) => line.split(/(?<!\\) /)[1]?.split(/(?<!\\),/) ?? []);
      const file = path.join(root, folder, name, input);
      const own = input.endsWith('.bin') ? 'protobuf' : format;
      return { name: `${folder}/${name}`, file, format: own, good: true, samples: fields.length, scraped: true };
    });
}

function textfileCases(): Case[] {
  const folder = 'node_exporter-textfile';
  return list(folder)
    .filter((name) => !name.endsWith('.out'))
    .flatMap((name) => {
      const good = readFileSync(path.join(root, folder, `${name}.out`), 'utf8').includes('textfile_scrape_error 0');
      return list(path.join(folder, name)).map(
        (file): Case => ({
          name: `${folder}/${name}/${file}`,
          file: path.join(root, folder, name, file),
          format: 'text',
          good: good || undefined,
        }),
      );
    });
}

const cases = suites
  ? [
      ...openMetricsCases(),
      ...fileCases('text-0.0.4-corpus'),
      ...fileCases('samples'),
      ...telegrafCases('telegraf-openmetrics', 'openmetrics'),
      ...telegrafCases('telegraf-prometheus', 'text'),
      ...telegrafCases('telegraf-prometheus', 'text', 'input.bin'),
      ...textfileCases(),
    ]
  : [];

function read({ file, format, scraped }: Case): readonly unknown[] {
  const body = readFileSync(file);
  if (!scraped && format !== 'protobuf') return parseExposition(expositionText(body), format);
  const target = new TargetSeries({}, SCRAPE_RULES);
  target.begin(Date.now());
  if (format === 'protobuf') readProtobuf(body, { nativeHistograms: true, classicHistograms: true }, target);
  else readText(expositionText(body), format, target);
  return target.finish().batch;
}

const tally = { run: 0, passed: 0 };

describe.skipIf(!suites)('exposition', () => {
  afterAll(() => {
    const { run, passed } = tally;
    process.stdout.write(`exposition: ${passed} passed, ${run - passed} failed, 0 skipped\n`);
  });

  it.for(cases)('$name', (one) => {
    const { good, samples } = one;
    tally.run++;
    const parse = () => read(one);
    if (good) {
      const parsed = parse();
      if (samples !== undefined) expect(parsed.length).toBeGreaterThanOrEqual(samples);
    } else if (good === false) expect(parse).toThrow(/^(line \d+|# EOF)/);
    tally.passed++;
  });
});
