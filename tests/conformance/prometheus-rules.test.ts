import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseRuleFile } from '../../server/src/alerting/rule-files/parse-rule-file.ts';

/** Rule files from the wild: which load, and which are refused, with the line. */
const suites = process.env.CONFORMANCE_DIR;
if (!suites) {
  if (process.env.CI === 'true') throw new Error('CONFORMANCE_DIR must be set with CI=true');
  process.stderr.write('SKIPPED: rule files of Prometheus: CONFORMANCE_DIR is not set\n');
}
const root = suites && join(suites, 'prometheus-rules');

/** With names in UTF-8 these are good. */
const isLegacy = (file: string) => file.startsWith('legacy_validation_');
const isBad = (file: string) => (file.includes('.bad.') || file === 'invalid_rules.yaml') && !isLegacy(file);

describe.skipIf(!root)('rule files of Prometheus', () => {
  const folders = root ? readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory()) : [];
  const files = folders.flatMap(({ name }) =>
    readdirSync(join(root!, name))
      .filter((file) => /\.ya?ml$/.test(file))
      .map((file) => ({ folder: name, file })),
  );

  it('load, but for the bad ones', () => {
    const judged = files.map(({ folder, file }) => {
      const { problems } = parseRuleFile(readFileSync(join(root!, folder, file), 'utf8'));
      return { file: `${folder}/${file}`, isRight: problems.length > 0 === isBad(file), problems };
    });
    const wrong = judged.filter(({ isRight }) => !isRight);
    process.stdout.write(
      `prometheus-rules: ${judged.length - wrong.length} passed, ${wrong.length} failed, 0 skipped\n`,
    );
    expect(wrong).toEqual([]);
    for (const { problems } of judged) for (const { line } of problems) expect(line).toBeGreaterThan(0);
  });
});
