/** UCUM units as Prometheus writes them. https://ucum.org/ucum, https://prometheus.io/docs/practices/naming/#base-units */
const WORDS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tibibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '1': '',
  '%': 'percent',
};

const PER_WORDS: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
};

export interface UnitWords {
  /** `bytes` of `By/s`; empty where the unit says nothing (`1`, `{packet}`). */
  readonly main: string;
  /** `per_second` of `By/s`, or empty. */
  readonly per: string;
}

/**
 * The words that a unit adds to a metric's name. A part with braces counts things and adds none; of a unit with
 * several slashes, all after the first is the second part. Units without a word of their own stay as they are, as far
 * as a name may hold them.
 */
export function unitWords(unit: string): UnitWords {
  const slash = unit.indexOf('/');
  const main = slash < 0 ? unit : unit.slice(0, slash);
  const per = slash < 0 ? '' : unit.slice(slash + 1);
  const perWord = word(per, PER_WORDS);
  return { main: word(main, WORDS), per: perWord === '' ? '' : `per_${perWord}` };
}

function word(part: string, words: Readonly<Record<string, string>>): string {
  const trimmed = part.trim();
  if (/[{}]/.test(trimmed)) return '';
  const known = Object.hasOwn(words, trimmed) ? words[trimmed]! : trimmed;
  return known.replace(/[^a-zA-Z0-9:]+/g, '_').replace(/^_|_$/g, '');
}
