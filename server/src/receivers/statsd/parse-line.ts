import type { Labels } from '../../model/labels.ts';

type StatsdKind = 'counter' | 'gauge' | 'timer' | 'histogram' | 'set';

/** One line: what was measured, and how often it stands for more of its kind. */
export interface StatsdMetric {
  /** As Prometheus may store it. */
  readonly name: string;
  readonly kind: StatsdKind;
  /** As text: a gauge's sign means a change, a set's value is a word. */
  readonly values: readonly string[];
  /** Share of the events that were sent, above 0 and at most 1. */
  readonly rate: number;
  readonly labels: Labels;
}

const KINDS: Readonly<Record<string, StatsdKind>> = {
  c: 'counter',
  g: 'gauge',
  ms: 'timer',
  h: 'histogram',
  d: 'histogram',
  s: 'set',
};
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Why a line gives no metric. */
export type RefusedLine = 'invalid_line' | 'unsupported_line';

/** DogStatsD's events (`_e{`) and service checks (`_sc|`). */
const OTHER_KINDS = /^_e\{|^_sc\|/;

/**
 * `name:value|type|@rate|#tag:value,tag`, also several values with colons between them. Further parts (container ids,
 * timestamps, external data) are passed over.
 * https://github.com/statsd/statsd/blob/master/docs/metric_types.md and
 * https://docs.datadoghq.com/developers/dogstatsd/datagram_shell/
 */
export function parseStatsdLine(line: string): StatsdMetric | RefusedLine {
  if (OTHER_KINDS.test(line)) return 'unsupported_line';
  const colon = line.indexOf(':');
  const [values = '', type = '', ...extras] = line.slice(colon + 1).split('|');
  const kind = Object.hasOwn(KINDS, type) ? KINDS[type]! : undefined;
  const name = storedName(line.slice(0, Math.max(0, colon)), /[^a-zA-Z0-9_:]+/g);
  if (kind === undefined || name === '') return 'invalid_line';
  const list = kind === 'set' ? [values] : values.split(':');
  if (kind !== 'set' && !list.every((value) => NUMBER.test(value) && Number.isFinite(Number(value)))) {
    return 'invalid_line';
  }
  const rate = rateOf(extras.find((extra) => extra.startsWith('@')));
  if (rate === undefined) return 'invalid_line';
  return { name, kind, values: list, rate, labels: labelsOf(extras.find((extra) => extra.startsWith('#'))) };
}

function storedName(given: string, not: RegExp): string {
  const name = given.replace(not, '_').replace(/^_+|_+$/g, '');
  return /^\d/.test(name) ? `_${name}` : name;
}

function rateOf(extra: string | undefined): number | undefined {
  if (extra === undefined) return 1;
  const rate = NUMBER.test(extra.slice(1)) ? Number(extra.slice(1)) : 0;
  return rate > 0 && rate <= 1 ? rate : undefined;
}

/** A tag without a value is a label with the value `true`. */
function labelsOf(extra: string | undefined): Labels {
  const pairs: [string, string][] = [];
  for (const tag of (extra ?? '#').slice(1).split(',')) {
    const colon = tag.indexOf(':');
    const name = storedName(colon < 0 ? tag : tag.slice(0, colon), /[^a-zA-Z0-9_]+/g);
    const value = colon < 0 ? 'true' : tag.slice(colon + 1);
    if (name !== '' && value !== '') pairs.push([name, value]);
  }
  return Object.fromEntries(pairs);
}
