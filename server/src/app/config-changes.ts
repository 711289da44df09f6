import { isDeepStrictEqual } from 'node:util';
import { RE2JS } from 're2js';
import type { DriftItem } from '../api/index.ts';
import type { Config } from '../config/index.ts';

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
  {
    kind: 'scrape_job',
    section: 'scrapeJobs',
    items: ({ scrapeJobs }) => scrapeJobs.map((job) => [job.name, job.source]),
  },
];

/** Parts that take effect at a reload; the others wait for the next start. */
export const RELOADED: readonly (keyof Config)[] = [
  'scrapeJobs',
  'templates',
  'channels',
  'rules',
  'alerts',
  'routing',
  'escalationPolicies',
  'correlation',
  'people',
  'preferences',
];

/** How one configuration differs from another, by kind and name. */
export function configChanges(before: Config, after: Config): DriftItem[] {
  const inParts = PARTS.flatMap(({ kind, section, items }) => {
    const takesEffect = RELOADED.includes(section) ? ('reload' as const) : ('restart' as const);
    const old = new Map(items(before));
    const now = new Map(items(after));
    return [...new Set([...old.keys(), ...now.keys()])].flatMap((name): DriftItem[] => {
      const state = !now.has(name)
        ? ('removed_in_file' as const)
        : !old.has(name)
          ? ('new_in_file' as const)
          : ('changed_in_file' as const);
      if (state === 'changed_in_file' && isDeepStrictEqual(plain(old.get(name)), plain(now.get(name)))) return [];
      return [{ kind, name, state, takes_effect: takesEffect }];
    });
  });
  const known = new Set<keyof Config>(PARTS.map(({ section }) => section));
  const settings = (Object.keys(after) as (keyof Config)[]).filter(
    (name) => !known.has(name) && !isDeepStrictEqual(settingOf(after, name), settingOf(before, name)),
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

/** Rules of pipelines are programs: they are told apart by what they were read from. */
function settingOf(config: Config, name: keyof Config): unknown {
  return name === 'pipelines' ? config.pipelines.source : plain(config[name]);
}

/** Patterns are told apart by their text: compiled, they remember what they have met. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value ?? null, (_key, part) => {
      if (part instanceof RE2JS) return part.pattern();
      return part instanceof RegExp || ['function', 'bigint'].includes(typeof part) ? String(part) : part;
    }),
  );
}
