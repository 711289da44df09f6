import type { ConfigMap } from '../../lib/config-map.ts';
import { type TextTest, textGlob } from '../text-glob.ts';
import { PRESETS, type PresetName } from './presets.ts';
import { configuredPattern, type SecretPattern } from './secret-pattern.ts';

const ACTIONS = ['mask', 'hash', 'delete'] as const;
export type RedactionAction = (typeof ACTIONS)[number];

/** What is secret, and what becomes of it. */
export interface RedactionRule {
  readonly action: RedactionAction;
  /** Attributes whose whole values are secret; keys are given in lower case. */
  readonly keys: readonly TextTest[];
  /** What is secret in any value, body, name or message. */
  readonly values: readonly SecretPattern[];
}

/** The rules of a list of the configuration; mistakes go where the map collects them. Absent: none. */
export function readRedactionRules(map: ConfigMap, key: string): RedactionRule[] {
  return (map.maps(key) ?? []).map(readRule);
}

function readRule(map: ConfigMap): RedactionRule {
  const presets = readPresets(map);
  const keys = map.texts('keys') ?? [];
  const values = (map.texts('values') ?? []).flatMap((source, index) => {
    try {
      return [configuredPattern(source)];
    } catch (error) {
      map.fail(`values[${index}]`, `"${source}" cannot be used: ${(error as Error).message}; write an RE2 expression`);
      return [];
    }
  });
  for (const [index, glob] of keys.entries()) if (glob === '') map.fail(`keys[${index}]`, 'a key cannot be empty');
  const action = map.oneOf('action', ACTIONS) ?? 'mask';
  if (!['presets', 'keys', 'values'].some((field) => map.has(field))) {
    map.fail('keys', 'say what is secret: keys, values or presets');
  }
  map.refuseOthers();
  return {
    action,
    keys: [...presets.flatMap((name) => PRESETS[name].keys), ...keys].map((glob) => textGlob(glob.toLowerCase())),
    values: [...presets.flatMap((name) => PRESETS[name].values), ...values],
  };
}

function readPresets(map: ConfigMap): PresetName[] {
  const known = Object.keys(PRESETS) as PresetName[];
  return (map.texts('presets') ?? []).flatMap((given, index) => {
    const name = known.find((each) => each === given);
    if (name) return [name];
    map.fail(`presets[${index}]`, `"${given}" is not known; use ${known.join(', ')}`);
    return [];
  });
}
