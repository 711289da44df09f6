import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runRuleTestFile } from '../../server/src/alerting/rule-tests/run-rule-test-file.ts';
import { systemClock } from '../../server/src/model/clock.ts';

/** Unit tests of rules, as promtool of Prometheus 3 judges them. */
const suites = process.env.CONFORMANCE_DIR;
if (!suites) {
  if (process.env.CI === 'true') throw new Error('CONFORMANCE_DIR must be set with CI=true');
  process.stderr.write('SKIPPED: unit tests of rules: CONFORMANCE_DIR is not set\n');
}
const root = suites && join(suites, 'rule-unit-tests');

/** Files that fail as a whole, for at least one of their tests. */
const FAILING = [
  ...['failing.yml', 'bad-promql.yml', 'bad-input-series.yml', 'bad-rules-syntax-test.yml'],
  ...['bad-rules-error-test.yml', 'rules_run_no_fuzzy.yml'],
];
/** Files of which the group of tests whose name begins with `wrong` fails. */
const MIXED = ['rules_run.yml', 'rules_run_fuzzy.yml'];

function testFiles(): string[] {
  if (!root) return [];
  return ['promtool', 'kubernetes-mixin/tests', 'thanos'].flatMap((folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder))
          .filter((file) => /\.ya?ml$/.test(file) && /^tests:/m.test(readFileSync(join(root, folder, file), 'utf8')))
          .map((file) => join(folder, file))
      : [],
  );
}

/** How many of a file's tests are judged as promtool judges them, and what is not. */
async function judge(path: string) {
  const name = path.split('/').at(-1)!;
  const ignoreUnknownFields = name === 'rules_run_extrafields.yml';
  const { problems, tests } = await runRuleTestFile(join(root!, path), systemClock, { ignoreUnknownFields });
  if (FAILING.includes(name)) {
    const hasFailed = problems.length > 0 || tests.some(({ mistakes }) => mistakes.length > 0);
    return { passed: hasFailed ? 1 : 0, wrong: hasFailed ? [] : [`${path} should fail`] };
  }
  if (problems.length > 0) return { passed: 0, wrong: [`${path}: ${problems.join('\n')}`] };
  const wrong = tests.filter(({ name: test, mistakes }) => {
    const shouldFail = MIXED.includes(name) && test.startsWith('wrong');
    return mistakes.length > 0 !== shouldFail;
  });
  return {
    passed: tests.length - wrong.length,
    wrong: wrong.map(({ name: test, mistakes }) => `${path}: ${test}: ${mistakes.join('\n') || 'should fail'}`),
  };
}

describe.skipIf(!root)('unit tests of rules', () => {
  it('are judged as promtool judges them', async () => {
    const results = [];
    for (const path of testFiles()) results.push(await judge(path));
    const wrong = results.flatMap((result) => result.wrong);
    const passed = results.reduce((sum, result) => sum + result.passed, 0);
    process.stdout.write(`rule-unit-tests: ${passed} passed, ${wrong.length} failed, 0 skipped\n`);
    expect(wrong).toEqual([]);
  });
});
