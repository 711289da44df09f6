import { RE2JS } from 're2js';
import { parseDuration } from '../../lib/duration.ts';
import { fail, queryEscape, type TemplateFunction } from '../../lib/go-template/builtins.ts';
import { Awaited } from '../../lib/go-template/execute.ts';
import { isList, isMap, Struct, typeName, type Value } from '../../lib/go-template/values.ts';
import { expandTemplate } from '../../lib/regex-template.ts';
import { goTime, humanize, humanize1024, humanizeDuration, humanizePercentage, humanizeTimestamp } from './humanize.ts';

/** One sample of a query that a template asks. */
export interface TemplateSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface FunctionInputs {
  /** Where people open the service, without a slash at the end. */
  readonly externalUrl: string;
  /** Unix milliseconds. */
  readonly now: number;
  /** Answers of queries so far; one that is not there makes the template stop with `Awaited`. */
  readonly answers: ReadonlyMap<string, readonly TemplateSample[]>;
  /** Runs a template that the text defines. */
  callTemplate(name: string, data: Value): string;
}

const NAMES = [
  ...['query', 'first', 'label', 'value', 'strvalue', 'sortByLabel', 'args', 'tmpl', 'safeHtml'],
  ...['title', 'toUpper', 'toLower', 'match', 'reReplaceAll', 'graphLink', 'tableLink', 'stripPort', 'stripDomain'],
  ...['humanize', 'humanize1024', 'humanizeDuration', 'humanizePercentage', 'humanizeTimestamp', 'toTime'],
  ...['toDuration', 'now', 'parseDuration', 'urlQueryEscape', 'externalURL', 'pathPrefix'],
] as const;

/** Names of Prometheus' functions and of those that every template has. */
export const FUNCTION_NAMES: ReadonlySet<string> = new Set([
  ...NAMES,
  ...['and', 'or', 'not', 'len', 'index', 'slice', 'print', 'println', 'printf', 'html', 'js', 'urlquery'],
  ...['eq', 'ne', 'lt', 'le', 'gt', 'ge'],
]);

/**
 * The functions of Prometheus' templates.
 * https://prometheus.io/docs/prometheus/latest/configuration/template_reference/#functions
 */
export function templateFunctions(inputs: FunctionInputs): ReadonlyMap<string, TemplateFunction> {
  const link = (expression: Value | undefined, tab: number) =>
    `/graph?g0.expr=${queryEscape(textOf(expression))}&g0.tab=${tab}`;
  const functions: Record<(typeof NAMES)[number], TemplateFunction> = {
    query: (expression) => {
      const answer = inputs.answers.get(textOf(expression));
      if (!answer) throw new Awaited(textOf(expression));
      return answer.map(({ labels, value }) => sampleOf(labels, value));
    },
    first: (list) =>
      (isList(list ?? null) ? listOf(list)[0] : undefined) ?? fail('first() called on vector with no elements'),
    label: (name, sample) => labelsOf(sample).get(textOf(name)) ?? '',
    value: (sample) => fieldsOf(sample).Value!,
    strvalue: (sample) => labelsOf(sample).get('__value__') ?? '',
    sortByLabel: (name, list) =>
      [...listOf(list)].sort((a, b) => {
        const [one, other] = [a, b].map((sample) => String(labelsOf(sample).get(textOf(name)) ?? ''));
        return one === other ? 0 : one! < other! ? -1 : 1;
      }),
    args: (...values) => new Map(values.map((value, index) => [`arg${index}`, value])),
    tmpl: (name, data) => inputs.callTemplate(textOf(name), data ?? null),
    safeHtml: (text) => textOf(text),
    title: (text) => textOf(text).replace(/(?<![\p{L}\p{N}_'])\p{L}/gu, (letter) => letter.toUpperCase()),
    toUpper: (text) => textOf(text).toUpperCase(),
    toLower: (text) => textOf(text).toLowerCase(),
    match: (pattern, text) => RE2JS.compile(textOf(pattern)).matcher(textOf(text)).find(),
    reReplaceAll: (pattern, replacement, text) => replaceAll(textOf(pattern), textOf(replacement), textOf(text)),
    graphLink: (expression) => link(expression, 0),
    tableLink: (expression) => link(expression, 1),
    stripPort: (text) => stripPort(textOf(text)),
    stripDomain: (text) => stripDomain(textOf(text)),
    humanize: (value) => humanize(numberOf(value)),
    humanize1024: (value) => humanize1024(numberOf(value)),
    humanizeDuration: (value) => humanizeDuration(numberOf(value)),
    humanizePercentage: (value) => humanizePercentage(numberOf(value)),
    humanizeTimestamp: (value) => humanizeTimestamp(numberOf(value)),
    toTime: (value) => timeOf(numberOf(value)),
    toDuration: (value) => durationOf(numberOf(value)),
    now: () => inputs.now / 1000,
    parseDuration: (text) => {
      const milliseconds = parseDuration(textOf(text));
      return milliseconds === undefined ? fail(`not a valid duration string: "${textOf(text)}"`) : milliseconds / 1000;
    },
    urlQueryEscape: (text) => queryEscape(textOf(text)),
    externalURL: () => inputs.externalUrl,
    pathPrefix: () => pathOf(inputs.externalUrl),
  };
  return new Map(Object.entries(functions));
}

/** Empty where the URL is none. */
function pathOf(url: string): string {
  const path = URL.parse(url)?.pathname ?? '';
  return path === '/' ? '' : path;
}

function sampleOf(labels: Readonly<Record<string, string>>, value: number): Struct {
  return new Struct('*template.sample', { Labels: new Map(Object.entries(labels)), Value: value });
}

function fieldsOf(sample: Value | undefined): Readonly<Record<string, Value>> {
  if (sample instanceof Struct && 'Labels' in sample.fields) return sample.fields;
  return fail(`expected a sample; got ${typeName(sample ?? null)}`);
}

function labelsOf(sample: Value | undefined): ReadonlyMap<string, Value> {
  const labels = fieldsOf(sample).Labels!;
  return isMap(labels) ? labels : new Map();
}

function listOf(value: Value | undefined): readonly Value[] {
  if (value !== undefined && isList(value)) return value;
  return fail(`expected a vector; got ${typeName(value ?? null)}`);
}

function textOf(value: Value | undefined): string {
  if (typeof value === 'string') return value;
  return fail(`wrong type for value; expected string; got ${typeName(value ?? null)}`);
}

/** Numbers may come as text. */
function numberOf(value: Value | undefined): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Struct && typeof value.fields.seconds === 'number') return value.fields.seconds;
  if (typeof value !== 'string') return fail(`can't convert ${typeName(value ?? null)} to float64`);
  const special = /^([+-]?)(inf(?:inity)?|nan)$/i.exec(value);
  if (special) {
    if (/^nan$/i.test(special[2]!)) return Number.NaN;
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  const number = value.trim() === value && value !== '' ? Number(value) : Number.NaN;
  return Number.isNaN(number) ? fail(`strconv.ParseFloat: parsing "${value}": invalid syntax`) : number;
}

function replaceAll(pattern: string, replacement: string, text: string): string {
  const matcher = RE2JS.compile(pattern).matcher(text);
  const match = {
    group: (name: string | number) => matcher.group(name) ?? undefined,
    groupCount: matcher.groupCount(),
  };
  let result = '';
  let at = 0;
  while (matcher.find()) {
    result += text.slice(at, matcher.start()) + expandTemplate(replacement, match);
    at = matcher.end();
  }
  return result + text.slice(at);
}

function timeOf(seconds: number): Struct {
  return new Struct('time.Time', {}, goTime(seconds) ?? fail('the time is out of range'));
}

/** As Go prints a duration: `1h0m30s`. */
function durationOf(seconds: number): Struct {
  const size = Math.abs(seconds);
  const [hours, minutes] = [Math.floor(size / 3600), Math.floor(size / 60) % 60];
  const rest = Number((size % 60).toFixed(9));
  const text = `${hours > 0 ? `${hours}h` : ''}${size >= 60 ? `${minutes}m` : ''}${rest}s`;
  return new Struct('time.Duration', { seconds }, seconds < 0 ? `-${text}` : text);
}

function stripPort(address: string): string {
  const bracketed = /^\[([^\]]*)\]:[^:\]]*$/.exec(address);
  if (bracketed) return bracketed[1]!;
  return /^([^:]*):[^:]*$/.exec(address)?.[1] ?? address;
}

function stripDomain(address: string): string {
  const host = stripPort(address);
  const port = address.slice(host.length);
  if (/^[\d.]+$/.test(host) || host.includes(':')) return address;
  return host.split('.')[0]! + (port.startsWith(':') ? port : '');
}
