import { readConfiguredRouting, readCorrelation, readEscalationPolicies, readRuleFiles } from '../alerting/index.ts';
import { readScrapeJobs } from '../collectors/scrape/index.ts';
import type { ConfigMap } from '../lib/config-map.ts';
import { readChannels, readPeople, readPreferenceDefaults, readTemplates } from '../notifications/index.ts';
import { readPipelineRules } from '../pipeline/index.ts';

/** A part of the file that has a form of its own. */
interface Section<T> {
  /** Its names at the top of the file. */
  readonly keys: readonly string[];
  /** Reads it from the whole file; collects mistakes there. Gives the defaults where it is absent. */
  readonly read: (file: ConfigMap) => T;
}

function section<T>(keys: readonly string[], read: (file: ConfigMap) => T): Section<T> {
  return { keys, read };
}

/** An alert as the file has it, in the words of `POST /api/alerts`; only its name is looked at here. */
export interface ConfiguredAlert {
  readonly name: string;
  readonly body: unknown;
}

function readAlerts(file: ConfigMap): ConfiguredAlert[] {
  const names = new Set<string>();
  return (file.maps('alerts') ?? []).flatMap((map) => {
    const name = map.text('name') ?? map.fail('name', 'name the alert');
    if (name === undefined) return [];
    if (names.has(name)) return map.fail('name', `"${name}" is taken: alerts of the file are told apart by it`) ?? [];
    names.add(name);
    return [{ name, body: JSON.parse(map.source()) }];
  });
}

/** Every part of the file besides the settings, which are in `settings.ts`. */
export const SECTIONS = {
  routing: section(
    ['route', 'receivers', 'inhibit_rules', 'time_intervals', 'mute_time_intervals'],
    readConfiguredRouting,
  ),
  escalationPolicies: section(['escalation_policies'], readEscalationPolicies),
  pipelines: section(['pipelines', 'services'], readPipelineRules),
  correlation: section(['correlation'], readCorrelation),
  rules: section(['rule_files', 'global'], readRuleFiles),
  alerts: section(['alerts'], readAlerts),
  people: section(['users', 'groups', 'user_directory', 'services'], readPeople),
  preferences: section(['notifications'], readPreferenceDefaults),
  templates: section(['templates'], readTemplates),
  channels: section(['channels'], readChannels),
  scrapeJobs: section(['scrape_configs', 'global'], readScrapeJobs),
} as const satisfies Record<string, Section<unknown>>;

export type SectionValues = {
  readonly [Name in keyof typeof SECTIONS]: ReturnType<(typeof SECTIONS)[Name]['read']>;
};
