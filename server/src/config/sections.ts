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
  people: section(['users', 'groups', 'user_directory', 'services'], readPeople),
  preferences: section(['notifications'], readPreferenceDefaults),
  templates: section(['templates'], readTemplates),
  channels: section(['channels'], readChannels),
  scrapeJobs: section(['scrape_configs', 'global'], readScrapeJobs),
} as const satisfies Record<string, Section<unknown>>;

export type SectionValues = {
  readonly [Name in keyof typeof SECTIONS]: ReturnType<(typeof SECTIONS)[Name]['read']>;
};
