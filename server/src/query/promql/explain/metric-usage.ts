import type { Clock } from '../../../model/clock.ts';
import type { LabelMatcher } from '../../../model/label-matcher.ts';
import { METRIC_NAME } from '../../../model/labels.ts';
import type { PromqlEngine } from '../engine-contract.ts';
import { compileMatchers } from '../matcher.ts';
import type { Expression } from '../syntax/expression.ts';
import { parsePromql } from '../syntax/parser.ts';
import { selectorsOf } from '../syntax/selectors-of.ts';

/** More metrics and patterns than people ask for; of what is beyond, the one asked for longest ago goes. */
const MOST_NAMES = 100_000;
const MOST_PATTERNS = 1000;

interface Pattern {
  readonly accepts: (labels: { readonly [METRIC_NAME]: string }) => boolean;
  lastUsed: number;
}

/** When each metric was last asked for by a query or a rule, since the process began. */
export class MetricUsage {
  readonly #clock: Clock;
  readonly #names = new Map<string, number>();
  readonly #patterns = new Map<string, Pattern>();
  readonly observedSince: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.observedSince = clock.now();
  }

  /** The engine, each query of which counts as use of the metrics that it names. */
  noting(engine: PromqlEngine): PromqlEngine {
    return {
      instant: (query, time, options) => {
        this.note(query);
        return engine.instant(query, time, options);
      },
      range: (query, range, options) => {
        this.note(query);
        return engine.range(query, range, options);
      },
    };
  }

  note(query: string | Expression): void {
    const expression = typeof query === 'string' ? parseOrNothing(query) : query;
    if (!expression) return;
    const now = this.#clock.now();
    for (const { matchers } of selectorsOf(expression)) {
      const onName = matchers.filter(({ name }) => name === METRIC_NAME);
      const exact = onName.find(({ operator }) => operator === '=');
      if (exact) putLast(this.#names, exact.value, now, MOST_NAMES);
      // Without any word on the name, a selector is about labels and not about a metric.
      else if (onName.length > 0) this.#notePattern(onName, now);
    }
  }

  #notePattern(matchers: readonly LabelMatcher[], now: number): void {
    const key = JSON.stringify(matchers);
    const pattern = this.#patterns.get(key) ?? { accepts: compileMatchers(matchers), lastUsed: now };
    pattern.lastUsed = now;
    putLast(this.#patterns, key, pattern, MOST_PATTERNS);
  }

  /** Unix milliseconds; `undefined` where nobody asked for the metric so far. */
  lastUsed(metric: string): number | undefined {
    let last = this.#names.get(metric);
    for (const { accepts, lastUsed } of this.#patterns.values()) {
      if ((last === undefined || lastUsed > last) && accepts({ [METRIC_NAME]: metric })) last = lastUsed;
    }
    return last;
  }
}

/** What cannot be parsed is refused by the engine. */
function parseOrNothing(query: string): Expression | undefined {
  try {
    return parsePromql(query);
  } catch {
    return undefined;
  }
}

function putLast<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key);
  if (map.size >= most) map.delete(map.keys().next().value!);
  map.set(key, value);
}
