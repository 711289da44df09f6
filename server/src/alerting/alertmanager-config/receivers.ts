import { readFileSync } from 'node:fs';
import type { ConfigMap } from '../../lib/config-map.ts';
import { CHANNEL_NAMES, type ChannelName } from '../../model/notification-request.ts';
import { checkFields, type FieldTable, fieldsOf } from './field-table.ts';
import { atMostOne, FOREIGN, foreign, has, oneOf, PAGERDUTY, TELEGRAM } from './foreign-receivers.ts';
import { checkHttpConfig, checkTls } from './http-config.ts';

/** One place that a receiver sends to. */
interface Integration {
  readonly channel: ChannelName;
  /** Empty: the channel's configured endpoint. For `in_app` the user. May hold a secret. */
  readonly address: string;
  /** False: its targets hear of firing alerts only. */
  readonly sendResolved: boolean;
}

export interface Receiver {
  readonly name: string;
  readonly integrations: readonly Integration[];
  /** True: to the default recipients, too (`ALERT_USERS`, `ALERT_EMAIL_TO`, every default channel). */
  readonly defaultRecipients: boolean;
  /** Id or name of an escalation policy that its alerts begin. */
  readonly escalationPolicy?: string | undefined;
}

type Warn = (path: string, message: string) => void;

/** What Alertmanager's receivers have beyond where they send to. */
const EMAIL_ASIDE: FieldTable = {
  texts:
    'from hello auth_username auth_password auth_password_file auth_secret auth_secret_file auth_identity html text',
  flags: 'require_tls force_implicit_tls',
  addresses: 'smarthost',
  textMaps: 'headers',
  anything: 'threading',
};
const SLACK_ASIDE: FieldTable = {
  texts:
    'channel username color title title_link pretext text footer fallback callback_id icon_emoji icon_url image_url thumb_url message_text',
  flags: 'short_fields link_names',
  durations: 'timeout',
  lists: 'mrkdwn_in',
  listsOfTables: {
    fields: { texts: 'title value', flags: 'short' },
    actions: {
      texts: 'type text url style name value',
      tables: { confirm: { texts: 'text title ok_text dismiss_text' } },
    },
  },
};
const WEBHOOK_ASIDE: FieldTable = {
  texts: 'title text summary',
  wholes: 'max_alerts',
  durations: 'timeout',
  anything: 'payload',
};
const DISCORD_ASIDE: FieldTable = { texts: 'title message content username avatar_url' };
const TELEGRAM_ASIDE: FieldTable = { texts: 'message parse_mode', flags: 'disable_notifications' };
const PAGERDUTY_ASIDE: FieldTable = {
  texts: 'client client_url source severity class component group description',
  durations: 'timeout',
  urls: 'url',
  maps: 'details',
  listsOfTables: { images: { texts: 'src alt href' }, links: { texts: 'href text' } },
};

const TELEGRAM_API = 'https://api.telegram.org';
const SLACK_API = 'https://slack.com/api/chat.postMessage';

/** Rules about `global` that hold whoever uses it. */
export function checkGlobal(global: ConfigMap): void {
  const exclusive = [TELEGRAM, ...Object.values(FOREIGN)].flatMap((kind) => kind.exclusive ?? []);
  for (const name of [...exclusive, 'slack_api_url', 'slack_app_token', 'smtp_auth_password']) {
    atMostOne(global, name, `${name}_file`);
  }
  const token = has(global, 'slack_app_token', 'slack_app_token_file');
  const url = global.text('slack_api_url');
  const app = global.text('slack_app_url') ?? SLACK_API;
  if (token && has(global, 'slack_api_url', 'slack_api_url_file') && url !== app) {
    global.fail(
      'slack_app_token',
      'at most one of slack_app_token/slack_app_token_file & slack_api_url/slack_api_url_file must be configured',
    );
  }
}

export function parseReceivers(maps: readonly ConfigMap[], global: ConfigMap, warn: Warn): Receiver[] {
  const known = new Set<string>();
  return maps.map((map) => {
    const name = map.text('name') ?? '';
    if (name === '') map.fail('name', 'missing name in receiver');
    else if (known.has(name)) map.fail('name', `notification config name "${name}" is not unique`);
    known.add(name);
    map.raw('labels');
    const integrations = [
      ...(map.maps('email_configs') ?? []).flatMap((config) => email(config, warn)),
      ...(map.maps('slack_configs') ?? []).flatMap((config) => slack(config, global, warn)),
      ...(map.maps('webhook_configs') ?? []).flatMap((config) => oneUrl(config, 'webhook', 'url', warn)),
      ...(map.maps('msteamsv2_configs') ?? []).flatMap((config) => oneUrl(config, 'teams', 'webhook_url', warn)),
      ...(map.maps('discord_configs') ?? []).flatMap((config) => discord(config, warn)),
      ...(map.maps('telegram_configs') ?? []).flatMap((config) => telegram(config, global, warn)),
      ...(map.maps('pagerduty_configs') ?? []).flatMap((config) => pagerDuty(config, warn)),
      ...(map.maps('ntfy_configs') ?? []).flatMap((config) => plain(config, 'ntfy', 'url')),
      ...(map.maps('channel_configs') ?? []).flatMap(configured),
      // Three kinds that Alertmanager does not know: topics of ntfy, users of the inbox, and phone numbers.
      ...(map.maps('in_app_configs') ?? []).flatMap((config) => plain(config, 'in_app', 'user')),
      ...(map.maps('sms_configs') ?? []).flatMap((config) => plain(config, 'sms', 'to')),
    ];
    for (const [kind, rules] of Object.entries(FOREIGN)) {
      for (const config of map.maps(kind) ?? []) {
        foreign(config, rules, global);
        warn(config.path, `${kind} are not built: nothing is sent there; ${CHANNEL_NAMES.join(', ')} are`);
      }
    }
    const defaultRecipients = map.flag('default_recipients') ?? false;
    const escalationPolicy = map.text('escalation_policy');
    map.refuseOthers();
    return { name, integrations, defaultRecipients, ...(escalationPolicy !== undefined && { escalationPolicy }) };
  });
}

/** Hosts and ports that receivers of the configuration file send to. */
export function receiverHosts(
  routing: { readonly config: { readonly receivers: readonly Receiver[] } } | undefined,
): string[] {
  const addresses = (routing?.config.receivers ?? []).flatMap(({ integrations }) => integrations);
  return addresses.flatMap(({ address }) => {
    if (!/^https?:/i.test(address) || !URL.canParse(address)) return [];
    const { hostname, port, protocol } = new URL(address);
    return [`${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`];
  });
}

function email(config: ConfigMap, warn: Warn): Integration[] {
  const to = config.text('to') ?? '';
  if (to === '') config.fail('to', 'missing to address in email config');
  atMostOne(config, 'auth_password', 'auth_password_file');
  const headers = Object.keys(config.textMap('headers') ?? {}).map((name) => name.toLowerCase());
  const twice = headers.find((name, index) => headers.indexOf(name) !== index);
  if (twice !== undefined) config.fail('headers', `duplicate header "${twice}" in email config`);
  checkTls(config.map('tls_config'));
  leaveAside(config, EMAIL_ASIDE, warn);
  const sendResolved = config.flag('send_resolved') ?? true;
  config.refuseOthers();
  return addressesOf(to).map((address) => ({ channel: 'email', address, sendResolved }));
}

/** `Ann <ann@example.org>, bob@example.org` */
function addressesOf(to: string): string[] {
  return to
    .split(',')
    .map((part) => (/<([^<>]+)>\s*$/.exec(part)?.[1] ?? part).trim())
    .filter((address) => address !== '');
}

function slack(config: ConfigMap, global: ConfigMap, warn: Warn): Integration[] {
  atMostOne(config, 'api_url', 'api_url_file');
  atMostOne(config, 'app_token', 'app_token_file');
  const own = secret(config, 'api_url');
  const token = has(config, 'app_token', 'app_token_file') || has(global, 'slack_app_token', 'slack_app_token_file');
  if (config.flag('update_message') && own !== SLACK_API) {
    config.fail(
      'update_message',
      `update_message can only be used with bot tokens. api_url must be set to ${SLACK_API}`,
    );
  }
  const isSet = has(config, 'api_url', 'api_url_file') || has(global, 'slack_api_url', 'slack_api_url_file');
  if (!isSet && !token) config.fail('api_url', 'no Slack API URL nor App token set either inline or in a file');
  const address = own ?? secret(global, 'slack_api_url');
  if (address === undefined || address === SLACK_API) {
    warn(config.path, 'needs an incoming webhook as api_url: app tokens are not built, nothing is sent there');
  }
  if (has(config, 'app_token', 'app_token_file') && config.map('http_config')?.has('authorization')) {
    config.fail('http_config', "http authorization can't be set when using Slack App tokens");
  }
  for (const action of config.maps('actions') ?? []) {
    if (!has(action, 'type')) action.fail('type', 'missing type in Slack action configuration');
    if (!has(action, 'text')) action.fail('text', 'missing text in Slack action configuration');
    if (!has(action, 'url', 'name')) action.fail('url', 'missing name or url in Slack action configuration');
    const confirm = action.map('confirm');
    if (confirm && !has(confirm, 'text')) confirm.fail('text', 'missing text in Slack confirmation configuration');
  }
  for (const field of config.maps('fields') ?? []) {
    for (const name of ['title', 'value']) {
      if (!has(field, name)) field.fail(name, `missing ${name} in Slack field configuration`);
    }
  }
  checkFields(config, { urls: 'api_url app_url' });
  leaveAside(config, SLACK_ASIDE, warn);
  const sendResolved = config.flag('send_resolved') ?? true;
  config.refuseOthers();
  return address === undefined || address === SLACK_API ? [] : [{ channel: 'slack', address, sendResolved }];
}

function oneUrl(config: ConfigMap, channel: 'webhook' | 'teams', field: string, warn: Warn): Integration[] {
  atMostOne(config, field, `${field}_file`);
  const address = secret(config, field);
  if (!has(config, field, `${field}_file`)) config.fail(field, `one of ${field} or ${field}_file must be configured`);
  leaveAside(config, WEBHOOK_ASIDE, warn);
  return sendTo(config, channel, field, address, warn);
}

/** To a URL; one that is a template, or that Alertmanager's own API has hidden, goes nowhere. */
function sendTo(
  config: ConfigMap,
  channel: ChannelName,
  field: string,
  address: string | undefined,
  warn: Warn,
): Integration[] {
  checkFields(config, { urls: field });
  const sendResolved = config.flag('send_resolved') ?? true;
  config.refuseOthers();
  if (address === undefined) return [];
  if (/^https?:\/\//i.test(address) && !address.includes('{{')) return [{ channel, address, sendResolved }];
  warn(config.path, `${field} is no address as it stands: nothing is sent there`);
  return [];
}

function discord(config: ConfigMap, warn: Warn): Integration[] {
  oneOf(config, 'webhook_url', 'webhook_url_file');
  const address = secret(config, 'webhook_url');
  leaveAside(config, DISCORD_ASIDE, warn);
  return sendTo(config, 'discord', 'webhook_url', address, warn);
}

function telegram(config: ConfigMap, global: ConfigMap, warn: Warn): Integration[] {
  foreign(config, TELEGRAM, global);
  atMostOne(config, 'bot_token', 'bot_token_file');
  atMostOne(config, 'chat_id', 'chat_id_file');
  const token = secret(config, 'bot_token') ?? secret(global, 'telegram_bot_token');
  const chat = secret(config, 'chat_id');
  if (!has(config, 'chat_id', 'chat_id_file') || config.text('chat_id') === '0') {
    config.fail('chat_id', 'missing chat_id on telegram_config');
  } else if (!/^-?\d+$/.test(config.text('chat_id') ?? '0')) config.fail('chat_id', 'use the number of the chat');
  const api = (config.text('api_url') ?? global.text('telegram_api_url') ?? TELEGRAM_API).replace(/\/$/, '');
  const thread = config.text('message_thread_id');
  if (!['', 'Markdown', 'MarkdownV2', 'HTML'].includes(config.text('parse_mode') ?? '')) {
    const message = 'unknown parse_mode on telegram_config, must be Markdown, MarkdownV2, HTML or empty string';
    config.fail('parse_mode', message);
  }
  checkFields(config, { urls: 'api_url' });
  leaveAside(config, TELEGRAM_ASIDE, warn);
  const sendResolved = config.flag('send_resolved') ?? true;
  config.refuseOthers();
  if (token === undefined || chat === undefined) return [];
  const topic = thread === undefined ? '' : `&message_thread_id=${encodeURIComponent(thread)}`;
  const address = `${api}/bot${token}/sendMessage?chat_id=${encodeURIComponent(chat)}${topic}`;
  return [{ channel: 'telegram', address, sendResolved }];
}

function pagerDuty(config: ConfigMap, warn: Warn): Integration[] {
  foreign(config, PAGERDUTY, config);
  atMostOne(config, 'routing_key', 'routing_key_file');
  atMostOne(config, 'service_key', 'service_key_file');
  const address = secret(config, 'routing_key');
  if (!has(config, 'routing_key', 'routing_key_file')) {
    warn(config.path, 'needs a routing_key (Events API 2): version 1 is not built, nothing is sent there');
  }
  leaveAside(config, PAGERDUTY_ASIDE, warn);
  const sendResolved = config.flag('send_resolved') ?? true;
  config.refuseOthers();
  return address === undefined ? [] : [{ channel: 'pagerduty', address, sendResolved }];
}

function plain(config: ConfigMap, channel: 'in_app' | 'sms' | 'ntfy', field: string): Integration[] {
  const address = config.text(field) ?? '';
  if (address === '') config.fail(field, 'is missing');
  const sendResolved = config.flag('send_resolved') ?? true;
  config.refuseOthers();
  return [{ channel, address, sendResolved }];
}

/** A configured channel, by its id. */
function configured(config: ConfigMap): Integration[] {
  const kinds = CHANNEL_NAMES.filter((name) => name !== 'in_app');
  const kind = config.oneOf('kind', kinds);
  const id = config.text('id') ?? '';
  if (!config.has('kind')) config.fail('kind', `is missing; use ${kinds.join(', ')}`);
  if (id === '') config.fail('id', 'is missing: the id of a channel of /api/notifications/channels');
  const to = config.text('to');
  const sendResolved = config.flag('send_resolved') ?? true;
  config.refuseOthers();
  if (kind === undefined || id === '') return [];
  return [{ channel: kind, address: `channel:${id}${to === undefined ? '' : `/${to}`}`, sendResolved }];
}

/** The text of a field, or of the file that its `_file` names; of a file that is not there yet, nothing. */
function secret(map: ConfigMap, field: string): string | undefined {
  const given = map.text(field);
  const path = map.text(`${field}_file`);
  if (given !== undefined || path === undefined) return given;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** Fields of Alertmanager's that have no counterpart: judged, and named once, so that nobody waits for their effect. */
function leaveAside(config: ConfigMap, table: FieldTable, warn: Warn): void {
  checkFields(config, table);
  checkHttpConfig(config.map('http_config'));
  const given = [...fieldsOf(table), 'http_config', 'tls_config'].filter((field) => config.has(field));
  if (given.length > 0) warn(config.path, `${given.join(', ')}: read and not used`);
}
