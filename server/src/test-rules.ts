/** `system-service test-rules FILE...`: unit tests of Prometheus rules, in the form of promtool's `test rules`. */
import { parseArgs } from 'node:util';
import { runRuleTestFile } from './alerting/index.ts';
import { systemClock } from './model/clock.ts';
import { runCommand } from './run-command.ts';

const USAGE = `Usage: system-service test-rules [--ignore-unknown-fields] FILE...
Runs the tests of rules in FILE, which has the form that promtool test rules reads. Ends with 1 where one fails.
In the source tree "npm run test-rules -- FILE".`;

await runCommand(USAGE, async (argv) => {
  const { positionals, values } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { 'ignore-unknown-fields': { type: 'boolean', default: false } },
  });
  if (positionals.length === 0) return false;
  for (const path of positionals) {
    console.log(`Unit Testing: ${path}`);
    if (!(await test(path, values['ignore-unknown-fields']))) process.exitCode = 1;
  }
  return true;
});

/** True where all tests of the file pass. */
async function test(path: string, ignoreUnknownFields: boolean): Promise<boolean> {
  const report = await read(path, ignoreUnknownFields);
  if (report === undefined) return false;
  for (const pattern of report.unmatched) console.log(`  WARNING: no file match pattern ${pattern}`);
  const failed = report.tests.filter(({ mistakes }) => mistakes.length > 0);
  if (report.problems.length === 0 && failed.length === 0) {
    console.log('  SUCCESS');
    return true;
  }
  console.log('  FAILED:');
  for (const problem of report.problems) console.log(`    ${problem}`);
  for (const { name, mistakes } of failed) {
    console.log(`    name: ${name},`);
    for (const mistake of mistakes) console.log(mistake.replace(/^/gm, '      '));
  }
  return false;
}

async function read(path: string, ignoreUnknownFields: boolean) {
  try {
    return await runRuleTestFile(path, systemClock, { ignoreUnknownFields });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    console.log(`  FAILED:\n    ${(error as Error).message}`);
    return undefined;
  }
}
