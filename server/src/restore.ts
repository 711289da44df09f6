/** `system-service restore DIR`: a backup back into an empty DATA_DIR. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { restoreBackup } from './app/index.ts';
import { loadConfig } from './config/index.ts';
import { runCommand } from './run-command.ts';

const USAGE = `Usage: system-service restore DIR
Puts the backup in DIR into DATA_DIR, which must hold no data; no service may run on it.
In the source tree "npm run restore -- DIR".`;

await runCommand(USAGE, async (argv) => {
  const { positionals } = parseArgs({ args: argv, allowPositionals: true });
  const [from, ...more] = positionals;
  if (from === undefined || more.length > 0) return false;
  const config = loadConfig(process.env, process.cwd());
  const { manifest, rows } = await restoreBackup(config, from);
  console.log(`the backup of ${manifest.created_at} (version ${manifest.version}) is in ${resolve(config.dataDir)}`);
  for (const [table, count] of Object.entries(rows)) console.log(`  ${table.padEnd(26)} ${count} rows`);
  if (manifest.telemetry !== 'included') console.log('telemetry was on a ClickHouse server: restore it there');
  if (manifest.control !== 'included') console.log('alerts and notifications were in PostgreSQL: restore them there');
  return true;
});
