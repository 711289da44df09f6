import type { Alerting } from '../../alerting/index.ts';
import { type Route, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import { ServiceError } from '../../model/errors.ts';
import {
  type RuleFileImport,
  type RuleFileList,
  ruleFileImport,
  ruleFileImportParameters,
  ruleFileList,
  ruleFileParameters,
} from '../contract/rule-files.ts';

export interface RuleFileDependencies {
  readonly alerting: Alerting;
  readonly clock: Clock;
}

const BODY_LIMIT = 8 * 1024 * 1024;

/** Rule files of Prometheus, those of the configuration and imported ones. */
export function ruleFileRoutes({ alerting, clock }: RuleFileDependencies): Route[] {
  const tag = 'alerts';
  return [
    route({
      method: 'POST',
      path: '/api/alerts/import',
      tag,
      summary: 'Import a rule file of Prometheus: its alerting and its recording rules',
      description:
        'The body is the file, YAML, or a Kubernetes object of the kind PrometheusRule. It is taken as a whole or, where something in it is wrong, not at all; every mistake is told with its line.',
      scope: 'write',
      consumes: ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/plain', 'application/json'],
      bodyLimit: BODY_LIMIT,
      query: ruleFileImportParameters,
      success: { status: 200, schema: ruleFileImport },
      handle: async ({ query, body, principal }): Promise<RuleFileImport> => {
        const source = (body as unknown as Buffer).toString('utf8');
        if (source.trim() === '') throw new ServiceError('malformed', 'the request has no body; send a rule file');
        const report = await alerting.ruleFiles.import(query.file, source, principal.name, clock.now());
        return { file: query.file, ...copyOf(report) };
      },
    }),
    route({
      method: 'GET',
      path: '/api/alerts/rule-files',
      tag,
      summary: 'Rule files in force',
      scope: 'read',
      success: { status: 200, schema: ruleFileList },
      handle: (): RuleFileList => {
        const running = alerting.ruleGroups.list();
        return {
          items: alerting.ruleFiles.list().map(({ name, source, saved, groups }) => ({
            name,
            source,
            saved_at: saved && formatInstant(saved.at),
            saved_by: saved?.by ?? null,
            groups: groups.map((group) => {
              const alerts = group.rules.filter(({ kind }) => kind === 'alert').length;
              const live = running.find((one) => one.file === name && one.group.name === group.name);
              return {
                name: group.name,
                alerting: alerts,
                recording: group.rules.length - alerts,
                last_evaluated_at: live?.lastEvaluatedAt == null ? null : formatInstant(live.lastEvaluatedAt),
                missed_evaluations: live?.missed ?? 0,
              };
            }),
          })),
          next_cursor: null,
        };
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/alerts/rule-files/{name}',
      tag,
      summary: 'Take an imported rule file away: what fires by it is resolved, the history stays',
      scope: 'write',
      params: ruleFileParameters,
      success: { status: 204 },
      handle: async ({ params }) => {
        await alerting.ruleFiles.remove(params.name);
      },
    }),
  ];
}

function copyOf(report: { readonly [Kind in keyof Omit<RuleFileImport, 'file'>]: readonly string[] }) {
  const { created, updated, removed, unchanged } = report;
  return { created: [...created], updated: [...updated], removed: [...removed], unchanged: [...unchanged] };
}
