import { unitWords } from './units.ts';

/**
 * How names become Prometheus' names: with `_` for what old names may not hold and with suffixes for unit and type;
 * with the suffixes only, in UTF-8 (`http.server.duration_seconds`); or left as they are. The words are those of
 * Prometheus' `otlp.translation_strategy`.
 */
export type TranslationStrategy = 'UnderscoreEscapingWithSuffixes' | 'NoUTF8EscapingWithSuffixes' | 'NoTranslation';

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
export function storedName(
  name: string,
  unit: string,
  kind: NamedKind,
  strategy: TranslationStrategy = 'UnderscoreEscapingWithSuffixes',
): StoredName {
  const key = `${strategy}\u0000${kind}\u0000${unit}\u0000${name}`;
  let known = cache.get(key);
  if (!known) {
    if (cache.size >= CACHE_SIZE) cache.clear();
    known =
      strategy === 'UnderscoreEscapingWithSuffixes'
        ? withUnderscores(name, unit, kind)
        : inUtf8(name, unit, kind, strategy);
    cache.set(key, known);
  }
  return known;
}

function withUnderscores(name: string, unit: string, kind: NamedKind): StoredName {
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

/** The name in UTF-8, with its suffixes at the end once where they are wanted. */
function inUtf8(name: string, unit: string, kind: NamedKind, strategy: TranslationStrategy): StoredName {
  const { main, per } = unitWords(unit);
  const ratio = kind === 'gauge' && unit.trim() === '1';
  const storedUnit = ratio ? 'ratio' : [main, per].filter((word) => word !== '').join('_');
  if (strategy === 'NoTranslation' || name === '') return { name, unit: storedUnit };
  let stored = kind === 'counter' ? without(name, 'total') : name;
  for (const word of [main, per, ratio ? 'ratio' : '']) if (word !== '') stored = `${without(stored, word)}_${word}`;
  return { name: kind === 'counter' ? `${stored}_total` : stored, unit: storedUnit };
}

function without(name: string, suffix: string): string {
  const rest = name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
  return rest !== name && /[^a-zA-Z0-9]$/.test(rest) && rest.length > 1 ? rest.slice(0, -1) : name;
}
