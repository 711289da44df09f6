/** `system-service backup DIR`: a backup of telemetry and control store, also while the service runs. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { makeBackup } from './app/index.ts';
import { loadConfig } from './config/index.ts';
import { runCommand } from './run-command.ts';

const USAGE = `Usage: system-service backup DIR [--url http://localhost:8013]
Makes a backup of DATA_DIR in DIR, a folder that does not exist yet or is empty. The service may run: --url says where,
if it is not on this machine's PORT. In the source tree "npm run backup -- DIR".`;

await runCommand(USAGE, async (argv, logger) => {
  const { positionals, values } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { url: { type: 'string' } },
  });
  const [target, ...more] = positionals;
  if (target === undefined || more.length > 0) return false;
  const config = loadConfig(process.env, process.cwd());
  await makeBackup(config, target, values.url, logger);
  console.log(`the backup is in ${resolve(target)}`);
  if (config.clickhouseUrl !== undefined) {
    console.log('telemetry is on your ClickHouse and not part of it: back it up there (BACKUP DATABASE)');
  }
  if (config.databaseUrl !== undefined) {
    console.log('alerts and notifications are in PostgreSQL and not part of it: dump that (pg_dump)');
  }
  return true;
});
