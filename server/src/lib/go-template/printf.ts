import { quoteGo } from '../go-string.ts';
import { show, typeName, type Value } from './values.ts';

const VERB = /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d+)?)?([a-zA-Z%])?/g;
/** Wider fields and more digits are cut to this. */
const MOST_WIDTH = 1000;

interface Directive {
  readonly flags: string;
  readonly width: number;
  /** `undefined`: as many digits as needed. */
  readonly precision: number | undefined;
}

/** `fmt.Sprintf` for the values that templates have. https://pkg.go.dev/fmt */
export function sprintf(format: string, operands: readonly Value[]): string {
  let next = 0;
  const text = format.replace(VERB, (whole, flags: string, width: string, precision: string, verb: string) => {
    if (verb === '%') return '%';
    if (verb === undefined) return '%!(NOVERB)';
    const count = (given: string | undefined) =>
      Math.min(MOST_WIDTH, given === '*' ? Number(operands[next++] ?? 0) : Number(given ?? 0));
    const widthCount = count(width);
    const directive = {
      flags,
      width: widthCount,
      precision: whole.includes('.') ? count(precision) : undefined,
    };
    if (next >= operands.length) return `%!${verb}(MISSING)`;
    return formatOne(verb, operands[next++]!, directive);
  });
  if (next >= operands.length) return text;
  const extra = operands.slice(next).map((value) => `${typeName(value)}=${show(value)}`);
  return `${text}%!(EXTRA ${extra.join(', ')})`;
}

function formatOne(verb: string, value: Value, directive: Directive): string {
  const text = textOf(verb, value, directive);
  if (text === undefined) return `%!${verb}(${typeName(value)}${value === null ? '' : `=${show(value)}`})`;
  const isNumber = typeof value === 'number' || typeof value === 'bigint';
  const signed = isNumber && !/^[-+]/.test(text) ? signOf(directive.flags) + text : text;
  if (directive.flags.includes('-')) return signed.padEnd(directive.width);
  if (!directive.flags.includes('0') || !isNumber) return signed.padStart(directive.width);
  const sign = /^[-+ ]/.exec(signed)?.[0] ?? '';
  return sign + signed.slice(sign.length).padStart(directive.width - sign.length, '0');
}

function signOf(flags: string): string {
  if (flags.includes('+')) return '+';
  return flags.includes(' ') ? ' ' : '';
}

/** `undefined` where the verb is not for such values. */
function textOf(verb: string, value: Value, { precision }: Directive): string | undefined {
  if (verb === 'v')
    return typeof value === 'number' && precision !== undefined ? digits('g', value, precision) : show(value);
  if (verb === 'T') return typeName(value);
  if (typeof value === 'number') return 'eEfFgG'.includes(verb) ? digits(verb, value, precision) : undefined;
  if (typeof value === 'bigint') return wholeNumber(verb, value);
  if (typeof value === 'boolean') return verb === 't' ? String(value) : undefined;
  if (verb === 's') return cut(show(value), precision);
  if (typeof value !== 'string') return undefined;
  if (verb === 'q') return quoteGo(cut(value, precision));
  if (verb === 'x' || verb === 'X') return cased(verb, Buffer.from(value).toString('hex'));
  return undefined;
}

function cut(text: string, precision: number | undefined): string {
  return precision === undefined ? text : [...text].slice(0, precision).join('');
}

function wholeNumber(verb: string, value: bigint): string | undefined {
  switch (verb) {
    case 'd':
      return value.toString();
    case 'b':
      return value.toString(2);
    case 'o':
      return value.toString(8);
    case 'x':
    case 'X':
      return cased(verb, value.toString(16));
    case 'c':
      return String.fromCodePoint(Number(value));
    case 'q':
      return `'${String.fromCodePoint(Number(value))}'`;
    default:
      return undefined;
  }
}

function cased(verb: string, text: string): string {
  return verb === verb.toUpperCase() ? text.toUpperCase() : text;
}

/** A float by `%e`, `%f` or `%g`. */
export function digits(verb: string, value: number, precision: number | undefined): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const places = Math.min(100, precision ?? 6);
  switch (verb.toLowerCase()) {
    case 'f':
      return fixed(value, places);
    case 'e':
      return cased(verb, exponential(scientific(value, places)));
    default:
      return cased(verb, general(value, precision));
  }
}

/** More figures than any tie between two roundings has: doubles that lie between are not that close to one. */
const ALL_FIGURES = 100;

/** `toFixed` and `toExponential` round a tie away from zero, Go rounds it to the even digit: 2.5 becomes 2. */
function isTieToEven(exact: string, end: number): boolean {
  return /^\.?50*$/.test(exact.slice(end)) && /[02468]\.?$/.test(exact.slice(0, end));
}

/** `toFixed` turns to exponents from 1e21 on. */
function fixed(value: number, places: number): string {
  if (Math.abs(value) >= 1e21) return BigInt(value).toString() + (places > 0 ? `.${'0'.repeat(places)}` : '');
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const exact = Math.abs(value).toFixed(ALL_FIGURES);
  const end = exact.length - ALL_FIGURES + places;
  const size = isTieToEven(exact, end) ? exact.slice(0, end).replace(/\.$/, '') : Math.abs(value).toFixed(places);
  return sign + size;
}

/** With `places` digits behind the point and JavaScript's exponent. */
function scientific(value: number, places: number): string {
  const [exact = '', power = ''] = value.toExponential(ALL_FIGURES).split('e');
  const end = exact.length - ALL_FIGURES + places;
  if (isTieToEven(exact, end)) return `${exact.slice(0, end).replace(/\.$/, '')}e${power}`;
  return value.toExponential(places);
}

function exponential(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** `%g`: exponents where the power is below -4, or not below the precision (21 where the shortest form is wanted). */
function general(value: number, precision: number | undefined): string {
  const significant = precision === undefined ? undefined : Math.max(1, Math.min(100, precision));
  const rounded = significant === undefined ? value.toExponential() : scientific(value, significant - 1);
  const [mantissa, power] = rounded.split('e') as [string, string];
  const exponent = Number(power);
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  if (exponent < -4 || exponent >= (significant ?? 21)) return exponential(`${short}e${power}`);
  const sign = short.startsWith('-') ? '-' : '';
  const figures = short.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${figures}`;
  if (figures.length <= exponent + 1) return sign + figures.padEnd(exponent + 1, '0');
  return `${sign}${figures.slice(0, exponent + 1)}.${figures.slice(exponent + 1)}`;
}
