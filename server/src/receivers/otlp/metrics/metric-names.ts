import { unitWords } from './units.ts';

/** What a name depends on besides the name and the unit. */
export type NamedKind = 'gauge' | 'counter' | 'other';

export interface StoredName {
  /** Empty where nothing of the name can be stored. */
  readonly name: string;
  /** OpenMetrics unit: `seconds`, `bytes_per_second`, `ratio`; empty for counts. */
  readonly unit: string;
}

const CACHE_SIZE = 20_000;
const cache = new Map<string, StoredName>();

/**
 * The Prometheus name of an OpenTelemetry metric: characters that a name may not hold become `_`, the unit's word is
 * added unless the name has it, counters end in `_total`, gauges of unit `1` in `_ratio`.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus;
 * where it leaves a choice, as Prometheus' own OTLP receiver chooses.
 */
export function storedName(name: string, unit: string, kind: NamedKind): StoredName {
  const key = `${kind}\u0000${unit}\u0000${name}`;
  let known = cache.get(key);
  if (!known) {
    if (cache.size >= CACHE_SIZE) cache.clear();
    known = translate(name, unit, kind);
    cache.set(key, known);
  }
  return known;
}

function translate(name: string, unit: string, kind: NamedKind): StoredName {
  let words = name.split(/[^a-zA-Z0-9:]+/).filter((word) => word !== '');
  if (words.length === 0) return { name: '', unit: '' };
  const { main, per } = unitWords(unit);
  if (main !== '' && !words.includes(main)) words.push(main);
  if (per !== '' && !words.includes(per)) words.push(per);
  const ratio = kind === 'gauge' && unit.trim() === '1';
  if (ratio) words = [...words.filter((word) => word !== 'ratio'), 'ratio'];
  if (kind === 'counter') words = [...words.filter((word) => word !== 'total'), 'total'];
  const joined = words.join('_');
  return {
    name: /^\d/.test(joined) ? `_${joined}` : joined,
    unit: ratio ? 'ratio' : [main, per].filter((word) => word !== '').join('_'),
  };
}
