import { mediaType, type RouteContext } from '../../../http/index.ts';
import { parseDuration } from '../../../lib/duration.ts';
import type { LabelMatcher } from '../../../model/label-matcher.ts';
import type { TimeRange } from '../../../model/time-range.ts';
import { type Expression, parsePromql } from '../../../query/promql/index.ts';
import { wrongParameter } from './errors.ts';

type Context = Pick<RouteContext<unknown, unknown, unknown>, 'request' | 'body'>;

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/i;
/** What clients of Prometheus send for "the earliest" and "the latest". */
const ENDS_OF_TIME: Readonly<Record<string, number>> = {
  '-292273086-05-16T16:47:06Z': 0,
  '292277025-08-18T07:12:54.999999999Z': 8.64e15,
};
/** As far as times in JavaScript go. */
const LAST_TIME = 8.64e15;

/** Parameters of a call: those of a form body go before those of the address. */
export class Parameters {
  readonly #body: URLSearchParams;
  readonly #query: URLSearchParams;

  constructor({ request, body }: Context) {
    const isForm = mediaType(request) === 'application/x-www-form-urlencoded' && Buffer.isBuffer(body);
    this.#body = new URLSearchParams(isForm ? body.toString('utf8') : '');
    const mark = request.url.indexOf('?');
    this.#query = new URLSearchParams(mark < 0 ? '' : request.url.slice(mark + 1));
  }

  /** Empty where it is missing. */
  text(name: string): string {
    return this.#body.get(name) ?? this.#query.get(name) ?? '';
  }

  all(name: string): string[] {
    return [...this.#body.getAll(name), ...this.#query.getAll(name)];
  }

  /** Unix milliseconds of Unix seconds or RFC 3339. */
  time(name: string, missing?: number): number {
    const text = this.text(name);
    if (text === '' && missing !== undefined) return missing;
    const time = parseTime(text);
    if (time === undefined) throw wrongParameter(name, `cannot parse ${JSON.stringify(text)} to a valid timestamp`);
    return time;
  }

  /** Milliseconds of seconds or a duration; `undefined` where it is missing. */
  duration(name: string): number | undefined {
    const text = this.text(name);
    if (text === '') return undefined;
    const milliseconds = NUMBER.test(text) ? Math.trunc(Number(text) * 1000) : parseDuration(text);
    if (milliseconds !== undefined && Number.isSafeInteger(milliseconds)) return milliseconds;
    throw wrongParameter(name, `cannot parse ${JSON.stringify(text)} to a valid duration`);
  }

  /** True for `1` and `true`. */
  flag(name: string): boolean {
    const text = this.text(name);
    if (text === '' || text === '0' || text === 'false') return false;
    if (text === '1' || text === 'true') return true;
    throw wrongParameter(name, `${JSON.stringify(text)} is not 1, 0, true or false`);
  }

  /** Most items of an answer; 0 and nothing mean all. */
  limit(name = 'limit', missing = Number.POSITIVE_INFINITY): number {
    const text = this.text(name);
    if (text === '') return missing;
    if (!/^[+-]?\d{1,15}$/.test(text)) throw wrongParameter(name, `${JSON.stringify(text)} is not a whole number`);
    const limit = Number(text);
    if (limit < 0) throw wrongParameter(name, 'limit must be non-negative');
    return limit === 0 ? missing : limit;
  }

  /** `start` and `end`, either of which may be missing, in any order. */
  range(): TimeRange {
    return { start: this.time('start', 0), end: this.time('end', LAST_TIME) };
  }

  /** The same, in order. */
  orderedRange(): TimeRange {
    const range = this.range();
    if (range.end >= range.start) return range;
    throw wrongParameter('end', 'end timestamp must not be before start time');
  }

  /** The conditions of every `match[]`. */
  matcherSets(): (readonly LabelMatcher[])[] {
    return this.all('match[]').map((text) => parseMatchers('match[]', text));
  }

  /** The conditions of one selector. */
  selector(name: string): readonly LabelMatcher[] {
    return parseMatchers(name, this.text(name));
  }

  /** The parsed expression of `query`, with its text. */
  query(): { text: string; expression: Expression } {
    const text = this.text('query');
    try {
      return { text, expression: parsePromql(text) };
    } catch (error) {
      throw wrongParameter('query', (error as Error).message, error);
    }
  }
}

function parseTime(text: string): number | undefined {
  const known = ENDS_OF_TIME[text];
  if (known !== undefined) return known;
  const time = NUMBER.test(text) ? Math.round(Number(text) * 1000) : RFC3339.test(text) ? Date.parse(text) : Number.NaN;
  return Math.abs(time) <= LAST_TIME ? time : undefined;
}

function parseMatchers(name: string, text: string): readonly LabelMatcher[] {
  let expression: Expression;
  try {
    expression = parsePromql(text);
  } catch (error) {
    const { message } = error as Error;
    const isOpen = /must contain at least one non-empty matcher$/.test(message);
    throw wrongParameter(name, isOpen ? 'match[] must contain at least one non-empty matcher' : message, error);
  }
  if (isPlainSelector(expression)) return expression.matchers;
  throw wrongParameter(name, `${text} is not a plain series selector`);
}

function isPlainSelector(expression: Expression): expression is Extract<Expression, { kind: 'vector-selector' }> {
  if (expression.kind !== 'vector-selector') return false;
  return expression.modifiers.at === undefined && expression.modifiers.offset === undefined;
}
