import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseNotedSeries, parseNotedValues } from '../../server/src/alerting/rule-tests/series-notation.ts';
import { systemClock } from '../../server/src/model/clock.ts';
import { createPromqlEngine } from '../../server/src/query/promql/index.ts';
import { MemorySeriesSource } from '../support/memory-series-source.ts';
import { customBucketHistograms } from './promql/custom-bucket-histograms.ts';
import { mistakeIn, type Outcome } from './promql/expectations.ts';
import { type Evaluation, type LoadCommand, parseScript } from './promql/script.ts';

const folder = process.env.CONFORMANCE_DIR;
/** Reason -> ids of the evaluations that fail for it. */
const expectedFailures = readJson<Record<string, string[]>>('promql/expected-failures.json');
/** File -> lines of the evaluations that the list above was made with; others count, but do not fail the test. */
const knownLines = readJson<Record<string, string>>('promql/known-cases.json');
const knownCases = new Set(
  Object.entries(knownLines).flatMap(([file, lines]) => lines.split(' ').map((line) => `${file}:${line}`)),
);
const reasons = new Map(Object.entries(expectedFailures).flatMap(([reason, ids]) => ids.map((id) => [id, reason])));

function readJson<Content>(path: string): Content {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as Content;
}

interface CaseResult {
  readonly id: string;
  readonly query: string;
  readonly mistake: string | undefined;
}

async function runScript(file: string, text: string): Promise<CaseResult[]> {
  const source = new MemorySeriesSource();
  const engine = createPromqlEngine({ source, clock: systemClock });
  const results: CaseResult[] = [];
  for (const command of parseScript(file, text)) {
    if (command.kind === 'clear') source.clear();
    else if (command.kind === 'load') loadSeries(source, command);
    else {
      const outcome = await evaluate(engine, command);
      results.push({ id: command.id, query: command.query, mistake: mistakeIn(command, outcome) });
    }
  }
  return results;
}

/** Loads add up; a line with `@st` behind its labels has the distances of start timestamps from their samples. */
function loadSeries(source: MemorySeriesSource, { lines, step, withCustomBuckets }: LoadCommand): void {
  const noted = lines.map((line) => {
    const { labels, rest } = parseNotedSeries(line);
    const isStarts = rest.startsWith('@st');
    return { labels, isStarts, values: parseNotedValues(isStarts ? rest.slice('@st'.length) : rest) };
  });
  for (const { labels, values, isStarts } of noted) {
    if (isStarts) source.addStarts(labels, values, step);
    else source.add(labels, values, step);
  }
  if (!withCustomBuckets) return;
  for (const { labels, values } of customBucketHistograms(noted)) source.add(labels, values, step);
}

async function evaluate(engine: ReturnType<typeof createPromqlEngine>, command: Evaluation): Promise<Outcome> {
  try {
    const { query, start, end, step } = command;
    return {
      answer: step === 0 ? await engine.instant(query, start) : await engine.range(query, { start, end, step }),
    };
  } catch (error) {
    return { error: error as Error };
  }
}

describe('PromQL scripts of Prometheus', () => {
  if (folder === undefined) {
    it.skip('need CONFORMANCE_DIR, a folder with the conformance data');
    if (process.env.CI === 'true') it('CONFORMANCE_DIR must be set in CI', () => expect(folder).toBeDefined());
    return;
  }

  it('pass, but for the listed ones', async () => {
    const scripts = join(folder, 'promql');
    const results: CaseResult[] = [];
    for (const file of readdirSync(scripts).filter((name) => name.endsWith('.test'))) {
      results.push(...(await runScript(file, readFileSync(join(scripts, file), 'utf8'))));
    }
    const failed = results.filter((result) => result.mistake !== undefined);
    const counts = new Map<string, number>();
    for (const { id } of failed) {
      const reason = reasons.get(id) ?? (knownCases.has(id) ? 'regression' : 'not seen before');
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
    }
    const listed = [...counts].map(([reason, count]) => `${reason}: ${count}`).join(', ');
    process.stdout.write(
      `promql: ${results.length - failed.length} passed, ${failed.length} failed, 0 skipped${listed && ` (${listed})`}\n`,
    );
    const regressions = failed.filter(({ id }) => knownCases.has(id) && !reasons.has(id));
    const unexpectedPasses = results.filter((result) => result.mistake === undefined && reasons.has(result.id));
    if (process.env.PROMQL_DETAILS) {
      for (const { id, query, mistake } of failed) process.stdout.write(`${id} ${query}\n    ${mistake}\n`);
    }
    expect(regressions.map(({ id, query, mistake }) => `${id} ${query}: ${mistake}`)).toEqual([]);
    expect(unexpectedPasses.map(({ id }) => id)).toEqual([]);
  });
});
