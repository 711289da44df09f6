import type { ConfigMap } from '../../lib/config-map.ts';
import { checkAll, checkFields, type FieldTable } from './field-table.ts';
import { checkHttpConfig, checkTls } from './http-config.ts';

/** What kinds of receivers have in common in how they are judged. */
interface Kind {
  /** Its fields, besides `send_resolved` and `http_config`; left out: anything is taken. */
  readonly fields?: FieldTable;
  /** Demands of its own. */
  readonly check?: (config: ConfigMap, global: ConfigMap) => void;
  /** Pairs of which one may be given, in `global` under its full name. */
  readonly exclusive?: readonly string[];
  /** One of the receiver's own fields, or of `global`'s, must be there. */
  readonly demand?: { readonly own: readonly string[]; readonly global: readonly string[]; readonly message: string };
}

export const PAGERDUTY: Kind = {
  demand: {
    own: ['routing_key', 'routing_key_file', 'service_key', 'service_key_file'],
    global: [],
    message: 'missing service or routing key in PagerDuty config',
  },
};
export const TELEGRAM: Kind = {
  exclusive: ['telegram_bot_token'],
  demand: {
    own: ['bot_token', 'bot_token_file'],
    global: ['telegram_bot_token', 'telegram_bot_token_file'],
    message: 'missing bot_token or bot_token_file on telegram_config',
  },
};

const SIGV4: FieldTable = {
  texts: 'region access_key secret_key profile role_arn external_id',
  flags: 'use_fips_sts_endpoint',
};

/** Kinds that we send by ourselves are read elsewhere; of the others only what Alertmanager demands of them is checked. */
export const FOREIGN: Readonly<Record<string, Kind>> = {
  opsgenie_configs: {
    exclusive: ['opsgenie_api_key'],
    fields: {
      texts: 'api_key api_key_file message description source entity actions tags note priority',
      urls: 'api_url',
      flags: 'update_alerts',
      textMaps: 'details',
      listsOfTables: { responders: { texts: 'id name username type' } },
    },
    demand: {
      own: ['api_key', 'api_key_file'],
      global: ['opsgenie_api_key', 'opsgenie_api_key_file'],
      message: 'no global OpsGenie API Key set either inline or in a file',
    },
    check: (config) => {
      atMostOne(config, 'api_key', 'api_key_file');
      for (const responder of config.maps('responders') ?? []) checkResponder(responder);
    },
  },
  victorops_configs: {
    exclusive: ['victorops_api_key'],
    fields: {
      texts: 'api_key api_key_file routing_key message_type state_message entity_display_name monitoring_tool',
      urls: 'api_url',
      textMaps: 'custom_fields',
    },
    demand: {
      own: ['api_key', 'api_key_file'],
      global: ['victorops_api_key', 'victorops_api_key_file'],
      message: 'no global VictorOps API Key set',
    },
    check: (config) => {
      demand(config, 'routing_key', 'missing Routing key in VictorOps config');
      atMostOne(config, 'api_key', 'api_key_file');
      for (const name of Object.keys(config.textMap('custom_fields') ?? {})) {
        if (!VICTOROPS_FIXED.includes(name)) continue;
        const message = `VictorOps config contains custom field ${name} which cannot be used as it conflicts with the fixed/static fields`;
        config.fail('custom_fields', message);
      }
    },
  },
  wechat_configs: {
    exclusive: ['wechat_api_secret'],
    fields: {
      texts: 'api_secret api_secret_file corp_id message to_user to_party to_tag agent_id message_type',
      urls: 'api_url',
    },
    demand: {
      own: ['api_secret', 'api_secret_file'],
      global: ['wechat_api_secret', 'wechat_api_secret_file'],
      message: 'no global Wechat Api Secret set either inline or in a file',
    },
    check: (config, global) => {
      if (!has(config, 'corp_id') && !has(global, 'wechat_api_corp_id')) {
        config.fail('corp_id', 'no global Wechat CorpID set');
      }
      const type = config.text('message_type') ?? '';
      if (['', 'text', 'markdown'].includes(type)) return;
      config.fail('message_type', `weChat message type "${type}" does not match valid options text|markdown`);
    },
  },
  mattermost_configs: {
    exclusive: ['mattermost_webhook_url'],
    demand: {
      own: ['webhook_url', 'webhook_url_file'],
      global: ['mattermost_webhook_url', 'mattermost_webhook_url_file'],
      message: 'missing webhook_url or webhook_url_file on mattermost_config',
    },
    check: (config) => atMostOne(config, 'webhook_url', 'webhook_url_file'),
  },
  rocketchat_configs: {
    exclusive: ['rocketchat_token', 'rocketchat_token_id'],
    demand: {
      own: ['token', 'token_file'],
      global: ['rocketchat_token', 'rocketchat_token_file'],
      message: 'no global Rocketchat Token set either inline or in a file',
    },
    check: (config, global) => {
      const isSet =
        has(config, 'token_id', 'token_id_file') || has(global, 'rocketchat_token_id', 'rocketchat_token_id_file');
      if (!isSet) config.fail('token_id', 'no global Rocketchat TokenID set either inline or in a file');
      atMostOne(config, 'token', 'token_file');
      atMostOne(config, 'token_id', 'token_id_file');
    },
  },
  incidentio_configs: {
    check: (config) => {
      oneOf(config, 'url', 'url_file');
      atMostOne(config, 'alert_source_token', 'alert_source_token_file');
    },
  },
  jira_configs: {
    demand: { own: ['api_url'], global: ['jira_api_url'], message: 'no global Jira Cloud URL set' },
    check: (config) => {
      demand(config, 'project', 'missing project in jira_config');
      demand(config, 'issue_type', 'missing issue_type in jira_config');
    },
  },
  msteams_configs: {
    fields: { urls: 'webhook_url', texts: 'webhook_url_file title summary text' },
    check: (config) => oneOf(config, 'webhook_url', 'webhook_url_file'),
  },
  pushover_configs: {
    fields: {
      texts: 'user_key user_key_file token token_file title message url url_title device sound priority',
      goDurations: 'retry expire ttl',
      flags: 'html monospace',
    },
    check: (config) => {
      oneOf(config, 'user_key', 'user_key_file');
      oneOf(config, 'token', 'token_file');
    },
  },
  sns_configs: {
    fields: {
      texts: 'api_url topic_arn phone_number target_arn subject message',
      textMaps: 'attributes',
      tables: { sigv4: SIGV4 },
    },
    check: (config) => {
      const targets = ['target_arn', 'topic_arn', 'phone_number'].filter((field) => has(config, field)).length;
      const message = 'must provide either a Target ARN, Topic ARN, or Phone Number for SNS config';
      if (targets !== 1) config.fail('topic_arn', message);
      const keys = config.map('sigv4');
      if (keys && has(keys, 'access_key') !== has(keys, 'secret_key')) {
        const both = 'must provide a AWS SigV4 Access key and Secret Key if credentials are specified';
        keys.fail('access_key', `${both} in the SigV4 config`);
      }
    },
  },
  webex_configs: {
    fields: { texts: 'message room_id', urls: 'api_url' },
    check: (config) => {
      demand(config, 'room_id', 'missing room_id on webex_config');
      if (!config.map('http_config')?.has('authorization')) {
        config.fail('http_config', 'missing webex_configs.http_config.authorization');
      }
    },
  },
};

/** What VictorOps' own fields are called. */
const VICTOROPS_FIXED = [
  'routing_key',
  'message_type',
  'state_message',
  'entity_display_name',
  'monitoring_tool',
  'entity_id',
  'entity_state',
];

/** Judges a receiver of a kind that we do not send by, as Alertmanager does. */
export function foreign(config: ConfigMap, kind: Kind, global: ConfigMap): void {
  const { demand: wanted, fields, check } = kind;
  if (wanted && !has(config, ...wanted.own) && !has(global, ...wanted.global)) config.fail('', wanted.message);
  check?.(config, global);
  if (fields === undefined) return;
  config.flag('send_resolved');
  checkHttpConfig(config.map('http_config'));
  checkAll(config, fields);
}

/** Fields of `global` are those of all receivers; what belongs to none of them is a mistake. */
const GLOBAL =
  /^(?:resolve_timeout|http_config|(?:smtp|slack|pagerduty|opsgenie|wechat|victorops|telegram|webex|rocketchat|jira|mattermost|msteams|msteamsv2|discord|incidentio|sns|pushover)_\w+)$/;
const GLOBAL_FORMS: FieldTable = {
  texts: 'smtp_from smtp_hello smtp_auth_username smtp_auth_identity wechat_api_corp_id',
  flags: 'smtp_require_tls smtp_force_implicit_tls',
  addresses: 'smtp_smarthost',
  urls: 'slack_api_url slack_app_url pagerduty_url opsgenie_api_url wechat_api_url victorops_api_url telegram_api_url webex_api_url rocketchat_api_url jira_api_url mattermost_webhook_url',
};

/** The fields of `global` in Alertmanager's own file: each by its form, and none that is unknown. */
export function checkGlobalFields(global: ConfigMap): void {
  checkFields(global, GLOBAL_FORMS);
  checkHttpConfig(global.map('http_config'));
  checkTls(global.map('smtp_tls_config'));
  for (const name of global.keys()) {
    if (!GLOBAL.test(name)) global.fail(name, 'unknown field');
  }
}

function checkResponder(responder: ConfigMap): void {
  if (!has(responder, 'id', 'username', 'name')) {
    responder.fail('', 'opsGenieConfig responder has to have at least one of id, username or name specified');
  }
  const type = (responder.text('type') ?? '').toLowerCase();
  // A template decides only when it is filled in.
  if (type.includes('{{') || /^(?:team|teams|user|escalation|schedule)$/.test(type)) return;
  const message = `opsGenieConfig responder type "${type}" does not match valid options ^(team|teams|user|escalation|schedule)$`;
  responder.fail('type', message);
}

function demand(config: ConfigMap, field: string, message: string): void {
  if (!has(config, field)) config.fail(field, message);
}

/** Complains where neither or both fields are given. */
export function oneOf(config: ConfigMap, first: string, second: string): void {
  if (!has(config, first, second)) config.fail(first, `one of ${first} or ${second} must be configured`);
  atMostOne(config, first, second);
}

/** True where one of the fields has a text. */
export function has(map: ConfigMap, ...fields: readonly string[]): boolean {
  return fields.some((field) => (map.text(field) ?? '') !== '');
}

/** Complains where both fields are given. */
export function atMostOne(map: ConfigMap, first: string, second: string): void {
  if (has(map, first) && has(map, second)) {
    map.fail(first, `at most one of ${first} & ${second} must be configured`);
  }
}
