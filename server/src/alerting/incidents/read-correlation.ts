import type { ConfigMap } from '../../lib/config-map.ts';
import { compileMatchers } from '../routing/label-matchers.ts';
import { parseMatchers } from '../routing/parse-matchers.ts';
import { type ConfiguredCorrelation, type ConfiguredCorrelationRule, DEFAULT_CORRELATION } from './correlation-rule.ts';

/** `correlation` of `system-service.yaml`; the defaults where the file has none. */
export function readCorrelation(file: ConfigMap): ConfiguredCorrelation {
  const map = file.map('correlation');
  if (!map) return DEFAULT_CORRELATION;
  const rules = (map.maps('rules') ?? []).map(readRule);
  const twice = rules.find(({ name }, index) => rules.findIndex((other) => other.name === name) !== index);
  if (twice) map.fail('rules', `two rules have the name "${twice.name}"`);
  const read = {
    windowMs: map.duration('window') ?? DEFAULT_CORRELATION.windowMs,
    topologyWindowMs: map.duration('topology_window') ?? DEFAULT_CORRELATION.topologyWindowMs,
    reopenWindowMs: map.duration('reopen_window') ?? DEFAULT_CORRELATION.reopenWindowMs,
    rules,
  };
  map.refuseOthers();
  return read;
}

function readRule(map: ConfigMap): ConfiguredCorrelationRule {
  const name = map.text('name') ?? '';
  if (name === '') map.fail('name', 'a rule needs a name');
  const matchers = (map.texts('matchers') ?? []).flatMap((line, index) => {
    try {
      const parsed = parseMatchers(line);
      compileMatchers(parsed);
      return parsed;
    } catch (error) {
      return map.fail(`matchers[${index}]`, (error as Error).message) ?? [];
    }
  });
  const keys = map.texts('keys') ?? [];
  if (matchers.length === 0 && keys.length === 0) map.fail('keys', 'name labels in keys, or matchers, or both');
  const rule = { name, matchers, keys, windowMs: map.duration('window') ?? DEFAULT_CORRELATION.windowMs };
  map.refuseOthers();
  return rule;
}
