import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Issue } from '../../model/errors.ts';
import { parseAlertmanagerConfig } from './config.ts';

function problemsOf(yaml: string): string[] {
  const problems: Issue[] = [];
  parseAlertmanagerConfig(parse(yaml), problems);
  return problems.map(({ path, message }) => `${path}: ${message}`);
}
const receiver = (config: string) => problemsOf(`{route: {receiver: r}, receivers: [{name: r, ${config}}]}`);
const route = (fields: string, more = '') =>
  problemsOf(`{route: {receiver: r, ${fields}}, receivers: [{name: r}]${more}}`);

describe('a configuration of Alertmanager, judged as amtool check-config does', () => {
  it.each([
    [
      `opsgenie_configs: [{api_key: k, entity: e, actions: a, details: {a: b}, responders: [{name: n, type: team}], priority: P1}]`,
    ],
    [`victorops_configs: [{api_key: k, routing_key: r, custom_fields: {f: v}}]`],
    [`wechat_configs: [{api_secret: s, corp_id: c, message_type: markdown}]`],
    [`pushover_configs: [{user_key: u, token: t, retry: 1m, expire: 1h, html: true}]`],
    [`sns_configs: [{sigv4: {region: eu}, topic_arn: t, attributes: {a: b}}]`],
    [`webex_configs: [{room_id: r, http_config: {authorization: {credentials: x}}}]`],
    [`msteams_configs: [{webhook_url: 'https://x.example', summary: s}]`],
    [`jira_configs: [{api_url: 'https://j.example', project: p, issue_type: Bug, fields: {a: 1}}]`],
    [`incidentio_configs: [{url: 'https://x.example', alert_source_token: t}]`],
    [`telegram_configs: [{bot_token: t, chat_id: -1, parse_mode: HTML}]`],
    [`slack_configs: [{api_url: 'https://x.example', actions: [{type: button, text: t, url: u}]}]`],
    [`webhook_configs: [{url: 'http://x.example/?a={{ .GroupLabels.a }}', max_alerts: 3, send_resolved: yes}]`],
    [`webhook_configs: [{url: 'HTTP://x.example', http_config: {authorization: {type: X}, follow_redirects: no}}]`],
    [`pagerduty_configs: [{routing_key: k, details: {a: {b: c}}, links: [{href: h, text: t}]}]`],
    [`opsgenie_configs: [{api_key: k, responders: [{name: n, type: Team}]}]`],
    [`sns_configs: [{sigv4: {}, topic_arn: t}]`],
  ])('takes %s', (config) => expect(receiver(config)).toEqual([]));

  it.each([
    [`opsgenie_configs: [{api_key: k, teams: x}]`, 'teams'],
    [`opsgenie_configs: [{api_key: k, responders: [{type: team}]}]`, 'at least one of id, username or name'],
    [`opsgenie_configs: [{api_key: k, responders: [{name: x, type: y}]}]`, 'does not match valid options'],
    [`victorops_configs: [{api_key: k}]`, 'missing Routing key in VictorOps config'],
    [
      `victorops_configs: [{api_key: k, routing_key: r, custom_fields: {entity_state: v}}]`,
      'custom field entity_state',
    ],
    [`wechat_configs: [{api_secret: s}]`, 'no global Wechat CorpID set'],
    [`wechat_configs: [{api_secret: s, corp_id: c, message_type: html}]`, 'does not match valid options text|markdown'],
    [`pushover_configs: [{token: t}]`, 'one of user_key or user_key_file must be configured'],
    [`sns_configs: [{subject: s}]`, 'must provide either a Target ARN, Topic ARN, or Phone Number for SNS config'],
    [`webex_configs: [{room_id: r}]`, 'missing webex_configs.http_config.authorization'],
    [`discord_configs: [{title: t}]`, 'one of webhook_url or webhook_url_file must be configured'],
    [`telegram_configs: [{bot_token: t, chat_id: 1, parse_mode: BBCode}]`, 'unknown parse_mode on telegram_config'],
    [`email_configs: [{to: a@b.example, headers: {Subject: a, subject: b}}]`, 'duplicate header "subject"'],
    [`slack_configs: [{api_url: 'https://x.example', actions: [{text: x, url: u}]}]`, 'missing type in Slack action'],
    [`slack_configs: [{api_url: 'https://x.example', fields: [{value: x}]}]`, 'missing title in Slack field'],
    [`carrier_pigeon_configs: [{}]`, 'carrier_pigeon_configs'],
    [`webhook_configs: [{url: 'ftp://x.example'}]`, 'unsupported scheme "ftp" for URL'],
    [`webhook_configs: [{url: 'http://'}]`, 'missing host for URL'],
    [`webhook_configs: [{url: 'http://x.example', max_alerts: many}]`, 'max_alerts: use a whole number'],
    [`webhook_configs: [{url: 'http://x.example', http_config: {nope: 1}}]`, 'http_config.nope: unknown field'],
    [
      `webhook_configs: [{url: 'http://x.example', http_config: {basic_auth: {username: u}, authorization: {}}}]`,
      'at most one of basic_auth, oauth2 & authorization must be configured',
    ],
    [
      `webhook_configs: [{url: 'http://x.example', http_config: {authorization: {type: Basic}}}]`,
      'authorization type cannot be set to "basic", use "basic_auth" instead',
    ],
    [
      `webhook_configs: [{url: 'http://x.example', http_config: {tls_config: {min_version: TLS99}}}]`,
      'unknown TLS version: TLS99',
    ],
    [
      `webhook_configs: [{url: 'http://x.example', http_config: {oauth2: {client_id: c, client_secret: s}}}]`,
      'oauth2 token_url must be configured',
    ],
    [`email_configs: [{to: a@b.example, headers: [a]}]`, 'headers: expected a map'],
    [`email_configs: [{to: a@b.example, require_tls: maybe}]`, 'require_tls: use true or false'],
    [`email_configs: [{to: a@b.example, smarthost: h}]`, 'use host:port'],
    [`slack_configs: [{api_url: 'ftp://x.example'}]`, 'unsupported scheme "ftp" for URL'],
    [
      `slack_configs: [{api_url: 'https://x.example', actions: [{type: b, text: t, url: u, confirm: {title: x}}]}]`,
      'missing text in Slack confirmation configuration',
    ],
    [`slack_configs: [{api_url: 'https://x.example', fields: [{title: t, value: v, foo: x}]}]`, 'foo: unknown field'],
    [
      `slack_configs: [{app_token: t, http_config: {authorization: {credentials: c}}}]`,
      "http authorization can't be set when using Slack App tokens",
    ],
    [`pagerduty_configs: [{routing_key: k, details: [a]}]`, 'details: expected a map'],
    [`pagerduty_configs: [{routing_key: k, images: [{foo: b}]}]`, 'images[0].foo: unknown field'],
    [`pushover_configs: [{user_key: u, token: t, retry: 5}]`, '"5" is no duration'],
    [`sns_configs: [{topic_arn: t, phone_number: p}]`, 'must provide either a Target ARN, Topic ARN, or Phone Number'],
    [`sns_configs: [{topic_arn: t, sigv4: {access_key: k}}]`, 'must provide a AWS SigV4 Access key and Secret Key'],
    [`telegram_configs: [{bot_token: t, chat_id: 0}]`, 'missing chat_id on telegram_config'],
    [`rocketchat_configs: [{token: t}]`, 'no global Rocketchat TokenID set either inline or in a file'],
    [`jira_configs: [{project: p, issue_type: Bug}]`, 'no global Jira Cloud URL set'],
  ])('refuses %s', (config, message) => expect(receiver(config).join()).toContain(message));

  it.each([
    [`continue: true`, '', 'cannot have continue in root route'],
    [
      ``,
      `, time_intervals: [{name: a, time_intervals: []}], mute_time_intervals: [{name: a, time_intervals: []}]`,
      'time interval "a" is not unique',
    ],
    [``, `, global: {resolve_timeuot: 5m}`, 'global.resolve_timeuot: unknown field'],
    [`grp_by: [a]`, ``, 'route.grp_by'],
    [`group_by: [a, '...']`, ``, 'cannot have wildcard group_by (`...`) and other labels at the same time'],
    [`routes: [{match: {0a: b}}]`, ``, 'invalid label name "0a"'],
    [`routes: [{match_re: {a.b: c}}]`, ``, 'invalid label name "a.b"'],
    [``, `, inhibit_rules: [{equal: ['']}]`, 'invalid label name "" in equal list'],
    [``, `, inhibit_rules: [{sources: [{matchers: []}]}]`, 'source 0: matchers must not be empty'],
    [``, `, inhibit_rules: [{sources: [{matchers: ['a=~.*']}]}]`, 'at least one matcher must not match the empty'],
    [``, `, inhibit_rules: [{sources: [{matchers: [a=b]}], equal: [c]}]`, 'sources cannot be combined with'],
    [``, `, mute_time_intervals: [{time_intervals: []}]`, 'missing name in mute time interval'],
    [
      ``,
      `, mute_time_intervals: [{name: a, time_intervals: []}, {name: a, time_intervals: []}]`,
      'mute time interval "a" is not unique',
    ],
    [
      ``,
      `, time_intervals: [{name: a, time_intervals: [{days_of_month: ['28:-3']}]}]`,
      'end day -3 is always before start day 28',
    ],
    [``, `, templates: a`, 'templates: expected a list'],
    [``, `, global: {slack_api_url: x}`, 'unsupported scheme "" for URL'],
    [``, `, global: {smtp_smarthost: 'h:'}`, 'use host:port'],
    [``, `, global: {http_config: {bearer_token: a, bearer_token_file: b}}`, 'at most one of bearer_token'],
  ])('refuses a route with "%s" %s', (fields, more, message) => {
    expect(route(fields, more).join()).toContain(message);
  });

  it.each([
    [`group_by: ['...', '...']`, ``],
    [`routes: [{matchers: [a=b], continue: yes}]`, ``],
    [``, `, inhibit_rules: [{sources: [{matchers: [a=b], equal: [c]}, {matchers: [d=e]}], target_matchers: [f=g]}]`],
    [``, `, time_intervals: [{name: a, time_intervals: [{location: ''}]}]`],
    [``, `, global: {slack_app_token: t, slack_api_url: 'https://slack.com/api/chat.postMessage'}`],
  ])('takes a route with "%s" %s', (fields, more) => expect(route(fields, more)).toEqual([]));

  it('asks an empty file for a route in the words of the original', () => {
    expect(problemsOf('# nothing')).toContain('route: no route provided in config');
    expect(problemsOf('receivers: []')).toContain('route: no routes provided');
  });
});
