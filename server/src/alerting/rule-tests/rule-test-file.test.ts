import { describe, expect, it } from 'vitest';
import { parseRuleTestFile } from './rule-test-file.ts';

const problemsOf = (text: string) => parseRuleTestFile(text).problems.map(({ line, message }) => `${line}: ${message}`);

describe('a file of unit tests, judged as promtool test rules does', () => {
  it.each([
    ['group_eval_order: [g, h, g]', '1: group name repeated in evaluation order: g'],
    ["tests:\n- input_series: [{values: '1'}]", '2: which series?'],
    ['tests:\n- alert_rule_test: [{eval_time: 1m}]', '2: alertname must be set'],
    ['tests:\n- promql_expr_test: [{expr: x, evaltime: 0m}]', '2: field evaltime not found; did you mean eval_time?'],
    ['tests:\n- promql_expr_test: [{expr: x, exp_samples: [{value: a}]}]', '2: "a" is no number'],
    ["tests:\n- input_series: [{series: x, values: '1 a'}]", '2: cannot read the value a'],
  ])('refuses %s', (text, message) => expect(problemsOf(text).join()).toContain(message));
});
