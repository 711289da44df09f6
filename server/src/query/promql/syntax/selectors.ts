import { unquoteGo } from '../../../lib/go-string.ts';
import type { LabelMatcher } from '../../../model/label-matcher.ts';
import { METRIC_NAME } from '../../../model/labels.ts';
import type { TokenStream } from '../../parsing/token-stream.ts';
import type { VectorSelector } from './expression.ts';
import type { PromqlToken, TokenKind } from './lexer.ts';

type Tokens = TokenStream<TokenKind>;

const MATCH_OPERATORS: ReadonlySet<string> = new Set(['=', '!=', '=~', '!~']);

/** A selector whose metric name, if any, was read already. Names in quotes may hold any UTF-8. */
export function parseSelector(tokens: Tokens, name: PromqlToken | undefined): VectorSelector {
  const start = name?.start ?? tokens.peek().start;
  let metric = name?.text;
  const matchers: LabelMatcher[] = [];
  if (tokens.accept('{')) {
    while (!tokens.at('}')) {
      const item = parseItem(tokens);
      if (typeof item === 'string') metric = setMetric(tokens, metric, item);
      else matchers.push(item);
      if (!tokens.accept('comma')) break;
    }
    tokens.expect('}', 'label matching', '"," or "}"');
  }
  if (metric !== undefined && name !== undefined) refuseSecondName(tokens, metric, matchers, name);
  const named: LabelMatcher[] = metric === undefined ? [] : [{ name: METRIC_NAME, operator: '=', value: metric }];
  return {
    kind: 'vector-selector',
    matchers: [...named, ...matchers],
    modifiers: { offset: undefined, at: undefined },
    extension: undefined,
    span: { start, end: tokens.lastEnd },
  };
}

/** A metric name in quotes, or a matcher. */
function parseItem(tokens: Tokens): string | LabelMatcher {
  const token = tokens.peek();
  if (token.kind !== 'identifier' && token.kind !== 'string') {
    throw tokens.unexpected('label matching', 'a label, a quoted name or "}"');
  }
  tokens.next();
  const label = token.kind === 'string' ? unquote(tokens, token) : token.text;
  const operator = tokens.peek();
  if (token.kind === 'string' && (operator.kind === 'comma' || operator.kind === '}')) return label;
  if (operator.kind !== 'operator' || !MATCH_OPERATORS.has(operator.text)) {
    throw tokens.unexpected('label matching', 'one of "=", "!=", "=~", "!~"');
  }
  tokens.next();
  const value = tokens.expect('string', 'label matching', 'a quoted value');
  return { name: label, operator: operator.text as LabelMatcher['operator'], value: unquote(tokens, value) };
}

function setMetric(tokens: Tokens, metric: string | undefined, name: string): string {
  if (metric === undefined) return name;
  throw tokens.error(`metric name must not be set twice: ${JSON.stringify(metric)} or ${JSON.stringify(name)}`, {
    start: tokens.lastEnd - 1,
    end: tokens.lastEnd,
  });
}

function refuseSecondName(tokens: Tokens, metric: string, matchers: readonly LabelMatcher[], name: PromqlToken): void {
  const second = matchers.find((matcher) => matcher.name === METRIC_NAME);
  if (second === undefined) return;
  throw tokens.error(
    `metric name must not be set twice: ${JSON.stringify(metric)} or ${JSON.stringify(second.value)}`,
    name,
  );
}

function unquote(tokens: Tokens, token: PromqlToken): string {
  const value = unquoteGo(token.text);
  if (value === undefined) throw tokens.error('wrong escape in quoted string', token);
  return value;
}
