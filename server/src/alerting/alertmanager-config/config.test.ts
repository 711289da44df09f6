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
    [`jira_configs: [{project: p, issue_type: Bug, fields: {a: 1}}]`],
    [`incidentio_configs: [{url: 'https://x.example', alert_source_token: t}]`],
    [`telegram_configs: [{bot_token: t, chat_id: -1, parse_mode: HTML}]`],
    [`slack_configs: [{api_url: 'https://x.example', actions: [{type: button, text: t, url: u}]}]`],
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
  ])('refuses a route with "%s" %s', (fields, more, message) => {
    expect(route(fields, more).join()).toContain(message);
  });
});
