import { globSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Clock } from '../../model/clock.ts';
import { parseRuleFile, type RuleFileOptions } from '../rule-files/parse-rule-file.ts';
import type { RuleFileProblem, RuleGroup } from '../rule-files/rule-file.ts';
import { parseRuleTestFile } from './rule-test-file.ts';
import { runRuleTest } from './run-rule-test.ts';

export interface RuleTestReport {
  /** What keeps the tests from running: the file, or a rule file, is wrong. */
  readonly problems: readonly string[];
  /** Patterns of `rule_files` that no file matches. */
  readonly unmatched: readonly string[];
  /** In the order of the file. */
  readonly tests: readonly { readonly name: string; readonly mistakes: readonly string[] }[];
}

/** Runs all tests of a file that promtool's `test rules` could run. Rejects where it cannot be read. */
export async function runRuleTestFile(path: string, clock: Clock, options: RuleFileOptions): Promise<RuleTestReport> {
  const { file, problems } = parseRuleTestFile(readFileSync(path, 'utf8'));
  const loaded = loadRuleFiles(dirname(resolve(path)), file.ruleFiles, options);
  const found = [...problems.map((problem) => describe(path, problem)), ...loaded.problems];
  if (found.length > 0) return { problems: found, unmatched: loaded.unmatched, tests: [] };
  const tests: { name: string; mistakes: string[] }[] = [];
  for (const [index, test] of file.tests.entries()) {
    const mistakes = await runRuleTest(test, loaded.groups, file, clock);
    tests.push({ name: test.name || `test ${index + 1}`, mistakes });
  }
  return { problems: [], unmatched: loaded.unmatched, tests };
}

function loadRuleFiles(folder: string, patterns: readonly string[], options: RuleFileOptions) {
  const groups: RuleGroup[] = [];
  const problems: string[] = [];
  const unmatched: string[] = [];
  for (const pattern of patterns) {
    const paths = globSync(pattern, { cwd: folder }).sort();
    if (paths.length === 0) unmatched.push(pattern);
    for (const path of paths) {
      const parsed = parseRuleFile(readFileSync(resolve(folder, path), 'utf8'), options);
      groups.push(...parsed.file.groups);
      problems.push(...parsed.problems.map((problem) => describe(path, problem)));
    }
  }
  return { groups, problems, unmatched };
}

function describe(path: string, { line, column, message }: RuleFileProblem): string {
  return `${path}:${line}:${column}: ${message}`;
}
