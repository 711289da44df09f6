import { type Labels, labelsKey } from '../../model/labels.ts';
import type { InhibitRule } from '../alertmanager-config/config.ts';
import type { RoutedAlert } from '../grouping/routed-alert.ts';
import { type CompiledMatchers, compileMatchers } from '../routing/label-matchers.ts';

interface CompiledRule {
  readonly name: string;
  readonly target: CompiledMatchers;
  readonly sources: readonly CompiledSource[];
}

interface CompiledSource {
  readonly matchers: CompiledMatchers;
  readonly equal: readonly string[];
  /** What fires and matches, by its values of the `equal` labels. */
  readonly firing: Map<string, Map<string, RoutedAlert>>;
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
    this.#rules = rules.map(({ name, sources, target }) => ({
      name,
      target: compileMatchers(target),
      sources: sources.map(({ matchers, equal }) => ({
        matchers: compileMatchers(matchers),
        equal,
        firing: new Map(),
      })),
    }));
    for (const alert of alerts) this.put(alert);
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }

  /** Takes notice of an alert, or of its change or end. True where something may now be told that was inhibited. */
  put(alert: RoutedAlert, before?: RoutedAlert): boolean {
    let hasEnded = false;
    for (const source of this.#rules.flatMap(({ sources }) => sources)) {
      if (before && source.matchers.matches(before.labels)) hasEnded = withdraw(source, before) || hasEnded;
      if (!source.matchers.matches(alert.labels)) continue;
      if (alert.resolvedAt !== null) {
        hasEnded = withdraw(source, alert) || hasEnded;
        continue;
      }
      const key = equalKey(source, alert.labels);
      const firing = source.firing.get(key) ?? new Map();
      firing.set(alert.id, alert);
      source.firing.set(key, firing);
    }
    return hasEnded;
  }

  /** What inhibits the label set now, or `undefined`; of several sources, an alert of the first. */
  find(labels: Labels): Inhibition | undefined {
    for (const rule of this.#rules) {
      if (!rule.target.matches(labels)) continue;
      const found = rule.sources.map((source) => findSource(source, rule.target, labels));
      if (found[0] && found.every((source) => source !== undefined)) return { source: found[0], rule: rule.name };
    }
    return undefined;
  }
}

/** An alert that fires and is such a source for the label set. */
function findSource(source: CompiledSource, target: CompiledMatchers, labels: Labels): RoutedAlert | undefined {
  const isSource = source.matchers.matches(labels);
  for (const alert of source.firing.get(equalKey(source, labels))?.values() ?? []) {
    // Two that are source and target of the same rule cannot silence each other, nor one itself.
    if (!isSource || !target.matches(alert.labels)) return alert;
  }
  return undefined;
}

function withdraw(source: CompiledSource, alert: RoutedAlert): boolean {
  const key = equalKey(source, alert.labels);
  const firing = source.firing.get(key);
  if (!firing?.delete(alert.id)) return false;
  if (firing.size === 0) source.firing.delete(key);
  return firing.size === 0;
}

/** A label that is missing counts as empty. */
function equalKey({ equal }: CompiledSource, labels: Labels): string {
  return labelsKey(Object.fromEntries(equal.map((name) => [name, labels[name] ?? ''])));
}
