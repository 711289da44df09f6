import { type LogLevel, lowestSeverityNumber } from './log-record.ts';

/**
 * The words that loggers use for their levels. `critical` and `alert` are fatal, as Python and most loggers without
 * syslog's eight steps mean them.
 */
const NUMBERS: Readonly<Record<string, number>> = {
  ...words('trace', 'trace', 'trc', 'verbose', 'silly', 'finest', 'finer'),
  ...words('debug', 'debug', 'dbg', 'fine', 'config'),
  ...words('info', 'info', 'information', 'informational', 'inf', 'log', 'success'),
  notice: lowestSeverityNumber('info') + 1,
  ...words('warn', 'warn', 'warning', 'wrn'),
  ...words('error', 'error', 'err', 'severe', 'failure'),
  ...words('fatal', 'fatal', 'ftl', 'critical', 'crit', 'alert', 'panic', 'emergency', 'emerg'),
};

function words(level: LogLevel, ...spellings: string[]): Record<string, number> {
  return Object.fromEntries(spellings.map((spelling) => [spelling, lowestSeverityNumber(level)]));
}

/** The OpenTelemetry severity number (1 to 24) of a level's name in any case; `undefined` where it is none. */
export function severityNumberOfText(text: string): number | undefined {
  if (text.length < 3 || text.length > 16) return undefined;
  const word = text.trim().toLowerCase();
  return Object.hasOwn(NUMBERS, word) ? NUMBERS[word] : numbered(word);
}

/** OpenTelemetry's own finer names: `info2`, `error4`. */
function numbered(word: string): number | undefined {
  const match = /^(trace|debug|info|warn|error|fatal)([2-4])$/.exec(word);
  return match ? lowestSeverityNumber(match[1] as LogLevel) + Number(match[2]) - 1 : undefined;
}
