import { type DestinationStream, type LoggerOptions, pino } from 'pino';
import type { Config } from '../config/index.ts';
import type { Logger } from '../model/logger.ts';

/** The service's own log on standard error. Readable on a terminal, else JSON lines. */
export async function createLogger({ logLevel, logFormat }: Pick<Config, 'logLevel' | 'logFormat'>): Promise<Logger> {
  const format = logFormat ?? (process.stderr.isTTY ? 'pretty' : 'json');
  const options: LoggerOptions = { level: logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  const logger: Logger = pino(
    options,
    format === 'json' ? pino.destination({ dest: 2, sync: true }) : await prettyLines(),
  );
  return logger;
}

/** Both ways are synchronous, so that the last words before a crash are not lost: the service logs little. */
async function prettyLines(): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({ destination: 2, sync: true, translateTime: 'SYS:HH:MM:ss.l', singleLine: true });
}
