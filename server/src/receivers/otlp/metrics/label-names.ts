import type { Attributes } from '../../../model/attributes.ts';
import type { TranslationStrategy } from './metric-names.ts';

const CACHE_SIZE = 20_000;
const cache = new Map<string, string>();

/**
 * The Prometheus label of an attribute: characters that a label may not hold become `_`, several `_` in a row one;
 * `key_` goes before a digit. Empty where nothing of it is left. Left alone by the strategies that keep UTF-8.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-attributes
 */
export function labelName(attribute: string, strategy: TranslationStrategy = 'UnderscoreEscapingWithSuffixes'): string {
  if (strategy !== 'UnderscoreEscapingWithSuffixes') return attribute;
  let known = cache.get(attribute);
  if (known === undefined) {
    if (cache.size >= CACHE_SIZE) cache.clear();
    known = translate(attribute);
    cache.set(attribute, known);
  }
  return known;
}

function translate(attribute: string): string {
  const name = attribute.replace(/[^a-zA-Z0-9]+/g, '_');
  if (name === '' || name === '_') return '';
  return /^\d/.test(name) ? `key_${name}` : name;
}

/**
 * Adds attributes to labels. Attributes that fall on one label are joined with `;` in the order of their keys; empty
 * values and labels in `reserved` are left out.
 */
export function addLabels(
  labels: Record<string, string>,
  attributes: Attributes,
  reserved: Readonly<Record<string, string>>,
  strategy: TranslationStrategy,
  prefix = '',
): void {
  let clash = false;
  const added: Record<string, string> = {};
  for (const key in attributes) {
    const name = labelName(prefix + key, strategy);
    if (name === '' || Object.hasOwn(reserved, name)) continue;
    if (Object.hasOwn(added, name)) clash = true;
    added[name] = attributes[key]!;
  }
  const final = clash ? joined(attributes, reserved, strategy, prefix) : added;
  for (const name in final) if (final[name] !== '') labels[name] = final[name]!;
}

function joined(
  attributes: Attributes,
  reserved: Readonly<Record<string, string>>,
  strategy: TranslationStrategy,
  prefix: string,
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const key of Object.keys(attributes).sort()) {
    const name = labelName(prefix + key, strategy);
    if (name === '' || Object.hasOwn(reserved, name)) continue;
    values[name] = Object.hasOwn(values, name) ? `${values[name]};${attributes[key]}` : attributes[key]!;
  }
  return values;
}
