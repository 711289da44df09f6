import { METRIC_NAME } from '../../../model/labels.ts';
import { evaluateDuration } from '../syntax/durations.ts';
import type { Call, DurationExpression, Expression, TimeModifiers, VectorSelector } from '../syntax/expression.ts';
import { childrenOf } from '../syntax/selectors-of.ts';

/** What the value of an expression at a time `t` can depend on. */
export interface Reach {
  /** Names of all metrics that it reads; `undefined` where it may read any. */
  readonly metrics: ReadonlySet<string> | undefined;
  /** Only samples in `t - back <= time <= t + ahead` count, milliseconds. */
  readonly back: number;
  readonly ahead: number;
}

interface ReachOptions {
  readonly step: number;
  readonly lookbackMs: number;
  readonly subqueryStepMs: number;
}

/**
 * The reach of an expression whose value at a step is the same whichever other steps are asked for; `undefined` for one
 * that is tied to fixed times or to the asked range (`@`, `range()`), or that chooses series by the order in which they
 * happen to be read.
 */
export function reachOf(expression: Expression, options: ReachOptions): Reach | undefined {
  const metrics = new Set<string>();
  const found = { metrics, readsAny: false, back: 0, ahead: 0 };
  if (!extend(expression, { back: 0, ahead: 0 }, options, found)) return undefined;
  return { metrics: found.readsAny ? undefined : metrics, back: found.back, ahead: found.ahead };
}

interface Distance {
  readonly back: number;
  readonly ahead: number;
}

interface Found {
  readonly metrics: Set<string>;
  readsAny: boolean;
  back: number;
  ahead: number;
}

/** Adds what an expression reads that is itself evaluated in `from`; false where it cannot be told. */
function extend(expression: Expression, from: Distance, options: ReachOptions, found: Found): boolean {
  switch (expression.kind) {
    case 'vector-selector':
      return extendBySelector(expression, 0, from, options, found);
    case 'matrix-selector': {
      const width = milliseconds(expression.range, options);
      return width !== undefined && extendBySelector(expression.selector, width, from, options, found);
    }
    case 'subquery': {
      const width = milliseconds(expression.range, options);
      const step = expression.step ? milliseconds(expression.step, options) : options.subqueryStepMs;
      const shifted = shift(from, expression.modifiers, options);
      if (width === undefined || step === undefined || !shifted) return false;
      return extend(expression.operand, { back: shifted.back + width + step, ahead: shifted.ahead }, options, found);
    }
    case 'aggregation':
      if (expression.aggregator === 'limitk' || expression.aggregator === 'limit_ratio') return false;
      if (!expression.without && expression.labels.includes(METRIC_NAME)) return false;
      break;
    case 'binary':
      // A series of which one side has dropped the name and the other not has none at any step.
      if (expression.operator === 'or' && !(isNameless(expression.left) && isNameless(expression.right))) return false;
      break;
    case 'call':
      // It looks for its info metrics where the selector beside it looks.
      if (expression.name === 'info' || setsName(expression)) return false;
      break;
  }
  return childrenOf(expression).every((child) => extend(child, from, options, found));
}

const NAMELESS_CALLS: ReadonlySet<string> = new Set(['vector', 'absent', 'absent_over_time', 'time', 'scalar', 'pi']);

/** True where no series ever had a name that could be dropped. */
function isNameless(expression: Expression): boolean {
  switch (expression.kind) {
    case 'number':
      return true;
    case 'parenthesis':
      return isNameless(expression.operand);
    case 'aggregation':
      return expression.aggregator !== 'topk' && expression.aggregator !== 'bottomk';
    case 'call':
      return NAMELESS_CALLS.has(expression.name);
    case 'binary':
      return isNameless(expression.left) && isNameless(expression.right);
    default:
      return false;
  }
}

/** True for functions that may give some of their series a name. */
function setsName({ name, arguments: [, label] }: Call): boolean {
  return (
    (name === 'label_replace' || name === 'label_join') && !(label?.kind === 'string' && label.value !== METRIC_NAME)
  );
}

function extendBySelector(
  selector: VectorSelector,
  width: number,
  from: Distance,
  options: ReachOptions,
  found: Found,
): boolean {
  const shifted = shift(from, selector.modifiers, options);
  if (!shifted) return false;
  const name = selector.matchers.find((matcher) => matcher.name === METRIC_NAME && matcher.operator === '=');
  if (name) found.metrics.add(name.value);
  else found.readsAny = true;
  widen(found, shifted, width + options.lookbackMs, selector.extension === 'smoothed' ? options.lookbackMs : 0);
  return true;
}

function widen(found: Found, { back, ahead }: Distance, moreBack: number, moreAhead = 0): void {
  found.back = Math.max(found.back, back + moreBack);
  found.ahead = Math.max(found.ahead, ahead + moreAhead);
}

function shift(from: Distance, { at, offset }: TimeModifiers, options: ReachOptions): Distance | undefined {
  if (at !== undefined) return undefined;
  const by = offset ? milliseconds(offset, options) : 0;
  return by === undefined ? undefined : { back: from.back + by, ahead: from.ahead - by };
}

function milliseconds(duration: DurationExpression, { step }: ReachOptions): number | undefined {
  if (dependsOnRange(duration)) return undefined;
  return Math.round(evaluateDuration(duration, { step, range: 0 })!);
}

function dependsOnRange(duration: DurationExpression): boolean {
  switch (duration.kind) {
    case 'literal':
    case 'step':
      return false;
    case 'range':
      return true;
    case 'negate':
      return dependsOnRange(duration.operand);
    case 'binary':
      return dependsOnRange(duration.left) || dependsOnRange(duration.right);
  }
}
