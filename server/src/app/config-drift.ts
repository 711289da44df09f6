import { isDeepStrictEqual } from 'node:util';
import type { Alerting } from '../alerting/index.ts';
import type { ConfigDrift, DriftItem } from '../api/index.ts';
import { type Config, ConfigError } from '../config/index.ts';
import { type ConfigReload, RELOADED } from './config-reload.ts';

interface Part {
  readonly kind: DriftItem['kind'];
  readonly section: keyof Config;
  /** Its items by name; a part without items is one of its own. */
  readonly items: (config: Config) => Iterable<readonly [name: string, value: unknown]>;
}

const PARTS: readonly Part[] = [
  { kind: 'alert', section: 'alerts', items: ({ alerts }) => alerts.map((alert) => [alert.name, alert]) },
  { kind: 'rule_file', section: 'rules', items: ({ rules }) => rules.files.map((file) => [file.name, file]) },
  {
    kind: 'escalation_policy',
    section: 'escalationPolicies',
    items: ({ escalationPolicies }) => escalationPolicies.map((policy) => [policy.name, policy]),
  },
  { kind: 'routing', section: 'routing', items: ({ routing }) => (routing ? [['routing', routing]] : []) },
  { kind: 'correlation', section: 'correlation', items: ({ correlation }) => [['correlation', correlation]] },
  { kind: 'channel', section: 'channels', items: ({ channels }) => channels.map((channel) => [channel.id, channel]) },
  {
    kind: 'template',
    section: 'templates',
    items: ({ templates }) => templates.map((template) => [template.id, template]),
  },
  { kind: 'scrape_job', section: 'scrapeJobs', items: ({ scrapeJobs }) => scrapeJobs.map((job) => [job.name, job]) },
];

/** How what runs differs from what the configuration says now. */
export function configDrift(reload: ConfigReload, alerting: Alerting): Omit<ConfigDrift, 'loaded_at'> {
  const { running } = reload;
  const paused = pausedHere(alerting);
  try {
    const items = [...differences(running, reload.read()), ...paused];
    return { in_sync: items.length === 0, problems: [], items };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { in_sync: false, problems: [...error.problems], items: paused };
  }
}

function differences(running: Config, read: Config): DriftItem[] {
  const inParts = PARTS.flatMap(({ kind, section, items }) => {
    const takesEffect = RELOADED.includes(section) ? ('reload' as const) : ('restart' as const);
    const before = new Map(items(running));
    const after = new Map(items(read));
    return [...new Set([...before.keys(), ...after.keys()])].flatMap((name): DriftItem[] => {
      const state = !after.has(name)
        ? ('removed_in_file' as const)
        : !before.has(name)
          ? ('new_in_file' as const)
          : ('changed_in_file' as const);
      if (state === 'changed_in_file' && isDeepStrictEqual(plain(before.get(name)), plain(after.get(name)))) return [];
      return [{ kind, name, state, takes_effect: takesEffect }];
    });
  });
  const known = new Set<keyof Config>(PARTS.map(({ section }) => section));
  const settings = (Object.keys(read) as (keyof Config)[]).filter(
    (name) => !known.has(name) && !isDeepStrictEqual(plain(read[name]), plain(running[name])),
  );
  return [
    ...inParts,
    ...settings.map(
      (name): DriftItem => ({
        kind: 'setting',
        name,
        state: 'changed_in_file',
        takes_effect: RELOADED.includes(name) ? 'reload' : 'restart',
      }),
    ),
  ];
}

/** Compiled patterns and the like are told apart by their text. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value ?? null, (_key, part) =>
      part instanceof RegExp || typeof part === 'function' ? String(part) : part,
    ),
  );
}

function pausedHere(alerting: Alerting): DriftItem[] {
  return alerting
    .list()
    .filter(({ rule }) => rule.provisioned && !rule.enabled)
    .map(({ rule }) => ({ kind: 'alert', name: rule.name, state: 'paused_here', takes_effect: null }));
}
