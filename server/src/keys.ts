/** `system-service keys create|list|delete`: API keys in the control store, also while the service runs. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ApiKeys } from './access/index.ts';
import { ConfigError, loadConfig } from './config/index.ts';
import { formatInstant } from './lib/instant.ts';
import { ServiceError } from './model/errors.ts';
import { openControlStore } from './stores/control/index.ts';

const USAGE = `Usage:
  system-service keys create --name NAME --scope ingest|read|write|admin [--scope ...]
  system-service keys list
  system-service keys delete --name NAME
In the source tree "npm run keys --" instead of "system-service keys".`;

async function run(argv: readonly string[]): Promise<void> {
  const { positionals, values } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { name: { type: 'string' }, scope: { type: 'string', multiple: true } },
  });
  const config = loadConfig(process.env, process.cwd());
  mkdirSync(config.dataDir, { recursive: true });
  const store = await openControlStore({
    url: config.databaseUrl ?? join(config.dataDir, 'control.db'),
    logger: { debug() {}, info() {}, warn() {}, error: (fields, message) => console.error(message, fields) },
  });
  try {
    const keys = new ApiKeys(store);
    switch (positionals[0]) {
      case 'create': {
        const secret = await keys.create(values.name ?? '', values.scope ?? [], Date.now());
        console.log(
          `${secret}\nKeep it now: only its hash is stored. A service that was open demands keys from its next start on.`,
        );
        return;
      }
      case 'list':
        for (const key of await keys.list()) {
          console.log(`${key.name}\t${key.scopes.join(',')}\t${formatInstant(key.createdAt)}`);
        }
        return;
      case 'delete':
        await keys.delete(values.name ?? '');
        return;
      default:
        console.error(USAGE);
        process.exitCode = 2;
    }
  } finally {
    await store.close();
  }
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  if (
    !(
      error instanceof ConfigError ||
      error instanceof ServiceError ||
      (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS')
    )
  )
    throw error;
  console.error(`${(error as Error).message}\n${USAGE}`);
  process.exitCode = 2;
}
