import { add, subtract } from '../../lib/native-histogram/arithmetic.ts';
import type { Labels } from '../../model/labels.ts';
import {
  EMPTY_HISTOGRAM,
  type HistogramBuckets,
  type NativeHistogram,
  type ResetHint,
} from '../../model/native-histogram.ts';

/** A histogram as it was written down. */
interface NotedHistogram extends NativeHistogram {
  /** The reset hint was written, too. */
  readonly hintStated?: boolean;
}

/** Samples of one series by their index; holes are `undefined`. `'stale'` is a staleness marker. */
export type NotedValue = number | NotedHistogram | 'stale' | undefined;

/** Values in the notation of Prometheus' test scripts: `1 2 _ stale 0+10x3 7x2 {{count:2 sum:3 buckets:[2]}}x2`. */
export function parseNotedValues(text: string): NotedValue[] {
  const items = text.match(/\{\{.*?\}\}(?:[+-]\{\{.*?\}\})?(?:x\d+)?|\S+/g) ?? [];
  return items.flatMap((item) => {
    const parsed = item.startsWith('{{') ? parseHistogramItem(item) : parseItem(item);
    if (!parsed) throw new Error(`cannot read the value ${item}`);
    return parsed;
  });
}

function parseItem(item: string): NotedValue[] | undefined {
  if (item === 'stale') return ['stale'];
  const holes = /^_(?:x(\d+))?$/.exec(item);
  if (holes) return new Array<NotedValue>(Number(holes[1] ?? 1)).fill(undefined);
  const series = /^(.+?)(?:([+-])([^+-].*?))?x(\d+)$/.exec(item);
  const first = series ? parseNotedNumber(series[1]!) : undefined;
  const step = series?.[3] === undefined ? 0 : parseNotedNumber(series[3]);
  if (!series || first === undefined || step === undefined) {
    const single = parseNotedNumber(item);
    return single === undefined ? undefined : [single];
  }
  const values: number[] = [first];
  for (let i = 0; i < Number(series[4]); i++) values.push(values[i]! + (series[2] === '-' ? -step : step));
  return values;
}

function parseHistogramItem(item: string): NotedValue[] | undefined {
  const match = /^\{\{(.*?)\}\}(?:([+-])\{\{(.*?)\}\})?(?:x(\d+))?$/.exec(item);
  if (!match) return undefined;
  const values: NotedHistogram[] = [parseHistogram(match[1]!)];
  const step = match[3] === undefined ? undefined : parseHistogram(match[3]);
  for (let i = 0; i < Number(match[4] ?? 0); i++) {
    const previous = values[i]!;
    if (!step) values.push(previous);
    else values.push({ ...(match[2] === '-' ? subtract : add)(previous, step)!.histogram, hint: previous.hint });
  }
  return values;
}

function parseHistogram(body: string): NotedHistogram {
  const fields = new Map<string, string>();
  for (const [, key, list, single] of body.matchAll(/(\w+):(?:\[([^\]]*)\]|(\S+))/g)) fields.set(key!, list ?? single!);
  const number = (key: string) => parseNotedNumber(fields.get(key) ?? '0')!;
  const numbers = (key: string) =>
    (fields.get(key) ?? '')
      .split(/\s+/)
      .filter(Boolean)
      .map((text) => parseNotedNumber(text)!);
  const buckets = (key: string, offset: string): HistogramBuckets => {
    const counts = numbers(key);
    return { indexes: counts.map((_, i) => number(offset) + i), counts };
  };
  return {
    ...EMPTY_HISTOGRAM,
    schema: number('schema'),
    count: number('count'),
    sum: number('sum'),
    zeroCount: number('z_bucket'),
    zeroThreshold: number('z_bucket_w'),
    positive: buckets('buckets', 'offset'),
    negative: buckets('n_buckets', 'n_offset'),
    customValues: numbers('custom_values'),
    hint: (fields.get('counter_reset_hint') ?? 'unknown') as ResetHint,
    ...(fields.has('counter_reset_hint') ? { hintStated: true } : {}),
  };
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

/** A number, or a duration in seconds. */
export function parseNotedNumber(text: string): number | undefined {
  const special = /^([+-]?)(inf|nan)$/i.exec(text);
  if (special) {
    if (special[2]!.toLowerCase() === 'nan') return Number.NaN;
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (/^[+-]?(0x[0-9a-f]+|\d+\.?\d*(e[+-]?\d+)?|\.\d+(e[+-]?\d+)?)$/i.test(text)) {
    const sign = text.startsWith('-') ? -1 : 1;
    return sign * Number(text.replace(/^[+-]/, ''));
  }
  if (!/^[+-]?(\d+(ms|[smhdwy]))+$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ms|[smhdwy])/g)) seconds += Number(count) * UNITS[unit!]!;
  return text.startsWith('-') ? -seconds : seconds;
}

/** `name{a="1"}` and what follows it in the line. */
export function parseNotedSeries(line: string): { labels: Labels; rest: string } {
  const name = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0] ?? '';
  const labels: Record<string, string> = name === '' ? {} : { __name__: name };
  let at = name.length;
  if (line[at] !== '{') return { labels, rest: line.slice(at).trim() };
  at++;
  const item = /\s*(?:"((?:[^"\\]|\\.)*)"|([a-zA-Z_][a-zA-Z0-9_.]*))\s*(?:=\s*"((?:[^"\\]|\\.)*)")?\s*,?\s*/y;
  while (line[at] !== '}') {
    item.lastIndex = at;
    const match = item.exec(line);
    if (!match) throw new Error(`cannot read the labels of: ${line}`);
    at = item.lastIndex;
    const key = match[1] === undefined ? match[2]! : unescapeText(match[1]);
    if (match[3] === undefined) labels.__name__ = key;
    else if (match[3] !== '') labels[key] = unescapeText(match[3]);
  }
  return { labels, rest: line.slice(at + 1).trim() };
}

function unescapeText(text: string): string {
  return JSON.parse(`"${text}"`) as string;
}
