/** The service's entry point: arguments, start, signals, exit code. */
import { configuredAlertForms, startService } from './app/index.ts';
import { ConfigError, credentialsNote, describeConfig, helpText, loadConfig } from './config/index.ts';
import { ServiceError } from './model/errors.ts';
import { DataDirectoryError } from './stores/telemetry/index.ts';

/** A stop that takes longer is cut: supervisors would kill us anyway. */
const STOP_WITHIN_MS = 10_000;

async function main(argv: readonly string[]): Promise<void> {
  // Queries of the telemetry engine run on libuv's pool; of its standard four threads slow ones would leave none for
  // files, DNS and the statement that ends them. Read at first use.
  process.env.UV_THREADPOOL_SIZE ??= '16';
  if (argv.includes('--help')) {
    console.log(helpText());
    return;
  }
  const load = () => {
    const loaded = loadConfig(process.env, process.cwd());
    configuredAlertForms(loaded, Date.now());
    return loaded;
  };
  const config = load();
  const unknown = argv.filter((argument) => argument !== '--check-config');
  if (unknown.length > 0) throw new ConfigError([`unknown argument ${unknown.join(' ')}; see --help`]);
  if (argv.includes('--check-config')) {
    console.log(`the configuration is valid:\n${describeConfig(config)}`);
    const note = credentialsNote(config);
    if (note !== undefined) console.log(note);
    return;
  }
  const service = await startService(config, load);
  console.log(`System Service is ready at ${service.url}`);
  // What went wrong was logged.
  process.on('SIGHUP', () => void service.reload().catch(() => undefined));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
      void service.stop().then(() => process.exit(0));
    });
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const expected = [ConfigError, DataDirectoryError, ServiceError].some((kind) => error instanceof kind);
  console.error(expected ? (error as Error).message : error);
  process.exit(expected ? 2 : 1);
}
