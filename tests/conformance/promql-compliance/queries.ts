import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

interface TestCase {
  readonly query: string | number;
  readonly variant_args?: readonly string[];
  readonly should_fail?: boolean;
  readonly skip_comparison?: boolean;
}

export interface ComplianceQuery {
  readonly query: string;
  readonly shouldFail: boolean;
  readonly isCompared: boolean;
}

/** All queries of the suite, their templates filled with every combination of arguments. */
export function readComplianceQueries(suites: string): ComplianceQuery[] {
  const read = (name: string) => readFileSync(join(suites, 'promql-compliance', name), 'utf8');
  const { test_cases: cases } = parse(read('promql-test-queries.yml')) as { test_cases: TestCase[] };
  const values = JSON.parse(read('variant-args.json')) as Record<string, string[]>;
  return cases.flatMap((testCase) =>
    expand(String(testCase.query), testCase.variant_args ?? [], values).map((query) => ({
      query,
      shouldFail: testCase.should_fail ?? false,
      isCompared: !testCase.skip_comparison,
    })),
  );
}

function expand(template: string, names: readonly string[], values: Record<string, string[]>): string[] {
  const [name, ...others] = names;
  if (name === undefined) return [template];
  return values[name]!.flatMap((value) => expand(template.replaceAll(`{{.${name}}}`, value), others, values));
}
