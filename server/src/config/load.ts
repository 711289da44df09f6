import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { closeNames } from '../lib/close-names.ts';
import { ConfigMap } from '../lib/config-map.ts';
import type { Issue } from '../model/errors.ts';
import { needsHashKey } from '../pipeline/index.ts';
import { SECTIONS } from './sections.ts';
import { type Config, FILE_ONLY_NOT_BUILT_YET, SETTINGS, type Setting } from './settings.ts';

/** Everything that is wrong with a configuration, at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `the configuration has ${problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_FILE = 'system-service.yaml';

/**
 * The configuration: environment over file over defaults.
 *
 * @throws ConfigError listing every mistake.
 */
export function loadConfig(environment: Environment, directory: string): Config {
  const problems: string[] = [];
  const content = readConfigFile(environment, directory, problems);
  const file = scalarsOf(content, problems);
  const config: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(SETTINGS) as [string, Setting<unknown>][]) {
    config[name] = readSetting(setting, environment, file, directory, problems);
  }
  Object.assign(config, readSections(content, problems));
  const known = [...Object.values(SETTINGS).map((setting) => setting.variable.toLowerCase()), ...SECTION_KEYS];
  for (const key of file.keys()) {
    if (known.includes(key)) continue;
    if (FILE_ONLY_NOT_BUILT_YET.includes(key)) {
      problems.push(`${key}: this version does not have it yet; remove it`);
      continue;
    }
    const close = closeNames(key, known);
    problems.push(
      `${key}: unknown setting in the file${close.length > 0 ? `; did you mean ${close.join(' or ')}?` : ''}`,
    );
  }
  checkTogether(config as Config, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return config as Config;
}

/** The map at the top of the file; empty where there is none. */
function readConfigFile(environment: Environment, directory: string, problems: string[]): object {
  const given = environment.CONFIG_FILE;
  const path = resolve(directory, given || DEFAULT_FILE);
  if (!existsSync(path)) {
    if (given) problems.push(`CONFIG_FILE: there is no file ${path}`);
    return {};
  }
  let content: unknown;
  try {
    content = parseYaml(readFileSync(path, 'utf8'), { merge: true });
  } catch (error) {
    problems.push(`${path}: not valid YAML: ${(error as Error).message.split('\n', 1)[0]}`);
    return {};
  }
  if (content === null) return {};
  if (typeof content === 'object' && !Array.isArray(content)) return content;
  problems.push(`${path}: expected a map of settings at the top`);
  return {};
}

/** The parts of the file that have a form of their own. */
function readSections(content: object, problems: string[]): Record<string, unknown> {
  const issues: Issue[] = [];
  const sections = Object.entries(SECTIONS).map(([name, { read }]) => [name, read(new ConfigMap(content, '', issues))]);
  for (const { path, message } of issues) problems.push(`${path}: ${message}`);
  return Object.fromEntries(sections);
}

const SECTION_KEYS: readonly string[] = Object.values(SECTIONS).flatMap(({ keys }) => keys);

/** Scalars and lists of scalars of the file, as the text that the environment would hold. */
function scalarsOf(content: object, problems: string[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const [key, value] of Object.entries(content)) {
    if (SECTION_KEYS.includes(key)) continue;
    if (FILE_ONLY_NOT_BUILT_YET.includes(key)) {
      values.set(key, '');
      continue;
    }
    const entries = Array.isArray(value) ? value : [value];
    if (entries.every((entry) => ['string', 'number', 'boolean'].includes(typeof entry))) {
      values.set(key, entries.join(','));
    } else {
      problems.push(`${key}: expected a text, a number, true or false, or a list of these`);
    }
  }
  return values;
}

function readSetting(
  setting: Setting<unknown>,
  environment: Environment,
  file: ReadonlyMap<string, string>,
  directory: string,
  problems: string[],
): unknown {
  const { variable } = setting;
  const fromFile = secretFromFile(setting, environment, directory, problems);
  const text = environment[variable] || fromFile || file.get(variable.toLowerCase());
  if (text === undefined || text === '') return setting.standard;
  try {
    return setting.parse(text);
  } catch (error) {
    const shown = setting.secret ? '' : ` (it is "${text}")`;
    problems.push(`${variable}: ${(error as Error).message}${shown}`);
    return setting.standard;
  }
}

function secretFromFile(
  setting: Setting<unknown>,
  environment: Environment,
  directory: string,
  problems: string[],
): string | undefined {
  const variable = `${setting.variable}_FILE`;
  const path = environment[variable];
  if (!setting.secret || !path) return undefined;
  if (environment[setting.variable]) {
    problems.push(`${variable}: given together with ${setting.variable}; use one of them`);
    return undefined;
  }
  try {
    return readFileSync(resolve(directory, path), 'utf8').trim();
  } catch {
    problems.push(`${variable}: the file ${path} cannot be read`);
    return undefined;
  }
}

/** Mistakes that only show when two settings are seen together. */
function checkTogether(config: Config, problems: string[]): void {
  if (config.smtpUrl && !config.smtpFrom) problems.push('SMTP_FROM: needed together with SMTP_URL');
  const twilio = [config.twilioAccountSid, config.twilioAuthToken, config.twilioFrom];
  if (twilio.some(Boolean) && !twilio.every(Boolean)) {
    problems.push('TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM: SMS needs all three');
  }
  if (config.telegramChatId && !config.telegramBotToken) {
    problems.push('TELEGRAM_BOT_TOKEN: needed together with TELEGRAM_CHAT_ID');
  }
  if (config.slackChannel && !config.slackBotToken)
    problems.push('SLACK_BOT_TOKEN: needed together with SLACK_CHANNEL');
  if (config.ntfyToken && !config.ntfyUrl) problems.push('NTFY_URL: needed together with NTFY_TOKEN');
  if (config.otlpHttpPort !== 0 && config.otlpHttpPort === config.port) {
    problems.push('OTLP_HTTP_PORT: the same as PORT; OTLP is served there anyway, so set it to 0');
  }
  if (config.otlpGrpcPort !== 0 && [config.port, config.otlpHttpPort].includes(config.otlpGrpcPort)) {
    problems.push('OTLP_GRPC_PORT: the same as PORT or OTLP_HTTP_PORT; gRPC needs a port of its own, or 0');
  }
  if (needsHashKey(config.pipelines) && !config.redactionKey) {
    problems.push('REDACTION_KEY: the action hash in pipelines needs it; use 16 characters or more, kept secret');
  }
  problems.push(...clickHouseProblems(config));
  const names = config.apiKeys.map((key) => key.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) problems.push(`API_KEYS: the name "${twice}" is there twice`);
}

function clickHouseProblems({ clickhouseUrl, clickhouseUser, clickhousePassword, ...config }: Config): string[] {
  if (clickhouseUrl !== undefined) {
    const { username, password } = new URL(clickhouseUrl);
    const isTwice = (username !== '' && clickhouseUser !== undefined) || (password !== '' && clickhousePassword);
    return isTwice ? ['CLICKHOUSE_USER, CLICKHOUSE_PASSWORD: CLICKHOUSE_URL names them already; use one of them'] : [];
  }
  const given = {
    CLICKHOUSE_USER: clickhouseUser,
    CLICKHOUSE_PASSWORD: clickhousePassword,
    CLICKHOUSE_CA: config.clickhouseCa,
    CLICKHOUSE_CLUSTER: config.clickhouseCluster,
  };
  return Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([variable]) => `${variable}: needs CLICKHOUSE_URL`);
}
