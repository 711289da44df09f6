/** `system-service doctor`: looks for what keeps the service from working, and says what to do. */
import { diagnose } from './app/index.ts';
import { ConfigError, loadConfig } from './config/index.ts';
import { runCommand } from './run-command.ts';

const USAGE = `Usage: system-service doctor
Checks settings, machine, disk, ports, stores and mail server, and changes no data. Ends with 1 where something fails.
In the source tree "npm run doctor".`;

const SIGNS = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' };

await runCommand(USAGE, async (argv, logger) => {
  if (argv.length > 0) return false;
  const config = settings();
  if (config === undefined) {
    process.exitCode = 1;
    return true;
  }
  console.log(`${SIGNS.ok} settings: valid`);
  for await (const { about, level, detail, remedy } of diagnose(config, logger)) {
    console.log(`${SIGNS[level]} ${about}: ${detail}`);
    if (remedy !== undefined) console.log(`     -> ${remedy}`);
    if (level === 'fail') process.exitCode = 1;
  }
  return true;
});

function settings() {
  try {
    return loadConfig(process.env, process.cwd());
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const problem of error.problems) console.log(`${SIGNS.fail} settings: ${problem}`);
    return undefined;
  }
}
