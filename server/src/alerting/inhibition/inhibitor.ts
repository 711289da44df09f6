import { type Labels, labelsKey } from '../../model/labels.ts';
import type { InhibitRule } from '../alertmanager-config/config.ts';
import type { RoutedAlert } from '../grouping/routed-alert.ts';
import { type CompiledMatchers, compileMatchers } from '../routing/label-matchers.ts';

interface CompiledRule {
  readonly name: string;
  readonly source: CompiledMatchers;
  readonly target: CompiledMatchers;
  readonly equal: readonly string[];
  /** What fires and is a source, by its values of the `equal` labels. */
  readonly sources: Map<string, Map<string, RoutedAlert>>;
}

export interface Inhibition {
  readonly source: RoutedAlert;
  /** Empty where the rule has none. */
  readonly rule: string;
}

/** Which alerts are no news because others fire: Alertmanager's `inhibit_rules`. */
export class Inhibitor {
  readonly #rules: readonly CompiledRule[];

  constructor(rules: readonly InhibitRule[], alerts: Iterable<RoutedAlert>) {
    this.#rules = rules.map(({ name, source, target, equal }) => ({
      name,
      source: compileMatchers(source),
      target: compileMatchers(target),
      equal,
      sources: new Map(),
    }));
    for (const alert of alerts) this.put(alert);
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** Takes notice of an alert, or of its change or end. True where something may now be told that was inhibited. */
  put(alert: RoutedAlert, before?: RoutedAlert): boolean {
    let hasEnded = false;
    for (const rule of this.#rules) {
      if (before && rule.source.matches(before.labels)) hasEnded = withdraw(rule, before) || hasEnded;
      if (!rule.source.matches(alert.labels)) continue;
      if (alert.resolvedAt !== null) {
        hasEnded = withdraw(rule, alert) || hasEnded;
        continue;
      }
      const key = equalKey(rule, alert.labels);
      const sources = rule.sources.get(key) ?? new Map();
      sources.set(alert.id, alert);
      rule.sources.set(key, sources);
    }
    return hasEnded;
  }

  /** What inhibits the label set now, or `undefined`. */
  find(labels: Labels): Inhibition | undefined {
    for (const rule of this.#rules) {
      if (!rule.target.matches(labels)) continue;
      const isSource = rule.source.matches(labels);
      for (const source of rule.sources.get(equalKey(rule, labels))?.values() ?? []) {
        // Two that are source and target of the same rule cannot silence each other, nor one itself.
        if (!isSource || !rule.target.matches(source.labels)) return { source, rule: rule.name };
      }
    }
    return undefined;
  }
}

function withdraw(rule: CompiledRule, alert: RoutedAlert): boolean {
  const key = equalKey(rule, alert.labels);
  const sources = rule.sources.get(key);
  if (!sources?.delete(alert.id)) return false;
  if (sources.size === 0) rule.sources.delete(key);
  return sources.size === 0;
}

/** A label that is missing counts as empty. */
function equalKey({ equal }: CompiledRule, labels: Labels): string {
  return labelsKey(Object.fromEntries(equal.map((name) => [name, labels[name] ?? ''])));
}
