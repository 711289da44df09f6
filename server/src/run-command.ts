import { ConfigError } from './config/index.ts';
import { ServiceError } from './model/errors.ts';
import type { Logger } from './model/logger.ts';
import { DataDirectoryError } from './stores/telemetry/index.ts';

/** Commands say what they did; of what happens beneath only what is wrong is of interest. */
const logger: Logger = {
  debug() {},
  info() {},
  warn: (_, message) => console.error(message),
  error: (_, message) => console.error(message),
};

/**
 * Runs a command with its arguments and ends the process: 0, 1 where it broke, 2 where the caller can do something about
 * it. `run` returns false where the arguments make no sense.
 */
export async function runCommand(
  usage: string,
  run: (argv: string[], logger: Logger) => Promise<boolean>,
): Promise<void> {
  process.env.UV_THREADPOOL_SIZE ??= '16';
  try {
    if (!(await run(process.argv.slice(2), logger))) {
      console.error(usage);
      process.exit(2);
    }
    process.exit(process.exitCode ?? 0);
  } catch (error) {
    const isUsage = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') ?? false;
    const isExpected = [ConfigError, DataDirectoryError, ServiceError].some((kind) => error instanceof kind);
    console.error(isUsage || isExpected ? (error as Error).message : error);
    if (isUsage) console.error(usage);
    process.exit(isUsage || isExpected ? 2 : 1);
  }
}
