import { formatDuration } from '../lib/duration.ts';
import { type Config, SETTINGS, type Setting } from './settings.ts';

/** Columns that the longest name takes. */
const NAME_WIDTH = Math.max(...Object.values(SETTINGS).map(({ variable }) => variable.length));

/** The text of `--help`. */
export function helpText(): string {
  const rows = (Object.values(SETTINGS) as Setting<unknown>[]).map(
    ({ variable, help, secret, standard }) =>
      `  ${variable.padEnd(NAME_WIDTH)} ${help}${describeDefault(standard, variable)}${secret ? ` (or ${variable}_FILE)` : ''}`,
  );
  return [
    'System Service: monitoring, observability, alerting and notifications in one process',
    '',
    'Usage: system-service [--help | --check-config]',
    '       system-service keys create|list|delete',
    '       system-service backup DIR | restore DIR | doctor',
    'In the source tree: npm start -- [...], npm run keys -- [...] and so on',
    '',
    'Settings come from the environment, then from system-service.yaml (or CONFIG_FILE; names in lower case),',
    'then from the defaults:',
    '',
    ...rows,
    '',
  ].join('\n');
}

function describeDefault(standard: unknown, variable: string): string {
  if (isEmpty(standard)) return '';
  const isDuration = /^RETENTION_|_AHEAD$/.test(variable);
  return ` (default ${isDuration ? formatDuration(Number(standard)) : String(standard)})`;
}

/** Nothing, an empty list, or a table without lines. */
function isEmpty(value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

/** The settings in force, one a line, secrets hidden. */
export function describeConfig(config: Config): string {
  return (Object.entries(SETTINGS) as [keyof Config, Setting<unknown>][])
    .map(([name, { variable, secret }]) => {
      const value = config[name];
      return `  ${variable.padEnd(NAME_WIDTH)} ${isEmpty(value) ? '-' : secret ? '(set)' : String(value)}`;
    })
    .join('\n');
}

/** What the settings alone cannot tell: keys may also be in the control store. */
export function credentialsNote({ host, auth, apiKeys }: Config): string | undefined {
  const isLocal = host === 'localhost' || host === '::1' || host.startsWith('127.');
  if (isLocal || auth === 'off' || apiKeys.length > 0) return undefined;
  return 'note: others can reach HOST, so the start demands an API key: one made by "npm run keys -- create", or API_KEYS';
}
