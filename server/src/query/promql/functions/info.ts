import type { LabelMatcher } from '../../../model/label-matcher.ts';
import { type Labels, labelsKey, METRIC_NAME } from '../../../model/labels.ts';
import type { EvaluationContext } from '../evaluation/context.ts';
import { executionError } from '../evaluation/errors.ts';
import type { FunctionImplementation } from '../evaluation/evaluator-contract.ts';
import type { Grid } from '../evaluation/grid.ts';
import { printLabels } from '../evaluation/labels.ts';
import { modifiedGrid, selectInstant } from '../evaluation/selection.ts';
import { NOTHING, SeriesBuilder, type VectorSeries, vector } from '../evaluation/values.ts';
import { compileMatchers, compileValueTest } from '../matcher.ts';
import { selector } from '../syntax/build.ts';
import type { Expression } from '../syntax/expression.ts';
import { childrenOf } from '../syntax/selectors-of.ts';

/** Labels by which a series finds its info metrics. */
const IDENTIFYING = ['instance', 'job'] as const;
const DEFAULT_INFO: LabelMatcher = { name: METRIC_NAME, operator: '=', value: 'target_info' };
/** Who only says which metrics are not meant, means the other ones of the kind. */
const ANY_INFO: LabelMatcher = { name: METRIC_NAME, operator: '=~', value: '.+_info' };

export const INFO: Readonly<Record<string, FunctionImplementation>> = {
  info: async (call, grid, evaluator) => {
    const [argument, filter] = call.arguments;
    const matchers = filter?.kind === 'vector-selector' ? filter.matchers : [];
    const wish = new InfoWish(
      nameMatchers(matchers),
      matchers.filter(({ name }) => name !== METRIC_NAME),
    );
    const { context } = evaluator;
    const [base, infos] = await Promise.all([
      evaluator.vector(argument!, grid),
      wish.select(context, gridOfFirstSelector(argument!, grid, context)),
    ]);
    return vector(new Enrichment(wish, infos, grid.count).apply(base));
  },
};

function nameMatchers(matchers: readonly LabelMatcher[]): LabelMatcher[] {
  const names = matchers.filter(({ name }) => name === METRIC_NAME);
  if (names.length === 0) return [DEFAULT_INFO];
  return names.some(({ operator }) => operator === '=' || operator === '=~') ? names : [...names, ANY_INFO];
}

/** Info metrics are looked at when the data was, as its `offset` and `@` say. */
function gridOfFirstSelector(expression: Expression, grid: Grid, context: EvaluationContext): Grid {
  if (expression.kind === 'vector-selector') return modifiedGrid(context, expression.modifiers, grid);
  const seen = expression.kind === 'subquery' ? modifiedGrid(context, expression.modifiers, grid) : grid;
  const next = childrenOf(expression).find((child) => child.kind !== 'number' && child.kind !== 'string');
  return next ? gridOfFirstSelector(next, seen, context) : seen;
}

class InfoWish {
  readonly #names: readonly LabelMatcher[];
  readonly #labels: readonly LabelMatcher[];
  /** True for label sets of info metrics themselves, which stay as they are. */
  readonly isInfo: (labels: Labels) => boolean;
  /** True where series without any info metric are not wanted. */
  readonly isDemanding: boolean;

  constructor(names: readonly LabelMatcher[], labels: readonly LabelMatcher[]) {
    this.#names = names;
    this.#labels = labels;
    this.isInfo = compileMatchers(names);
    this.isDemanding = labels.some((matcher) => !compileValueTest(matcher)(''));
  }

  /** Labels that are taken over; all where none was named. */
  takes(label: string): boolean {
    if (label === METRIC_NAME || (IDENTIFYING as readonly string[]).includes(label)) return false;
    return this.#labels.length === 0 || this.#labels.some(({ name }) => name === label);
  }

  select(context: EvaluationContext, grid: Grid): Promise<VectorSeries[]> {
    return selectInstant(context, selector([...this.#names, ...this.#labels]), grid);
  }
}

class Enrichment {
  readonly #wish: InfoWish;
  readonly #steps: number;
  readonly #infos = new Map<string, VectorSeries[]>();
  readonly #outputs = new Map<string, SeriesBuilder>();

  constructor(wish: InfoWish, infos: readonly VectorSeries[], steps: number) {
    this.#wish = wish;
    this.#steps = steps;
    for (const info of infos) {
      const key = identity(info.labels);
      const known = this.#infos.get(key);
      if (known) known.push(info);
      else this.#infos.set(key, [info]);
    }
  }

  apply(base: readonly VectorSeries[]): VectorSeries[] {
    for (const series of base) {
      const infos = this.#wish.isInfo(series.labels) ? undefined : (this.#infos.get(identity(series.labels)) ?? []);
      for (let step = 0; step < this.#steps; step++) {
        if (series.present[step] === NOTHING) continue;
        const labels = infos ? this.#enriched(series.labels, infos, step) : series.labels;
        if (labels) this.#output(labels, series.dropName).copy(series, step);
      }
    }
    return [...this.#outputs.values()];
  }

  /** `undefined` where the series is not wanted. */
  #enriched(labels: Labels, infos: readonly VectorSeries[], step: number): Labels | undefined {
    const added: Record<string, string> = {};
    const byName = new Map<string, Labels>();
    for (const info of infos) {
      if (info.present[step] === NOTHING) continue;
      const name = info.labels[METRIC_NAME]!;
      const other = byName.get(name);
      if (other) {
        throw executionError(
          `found duplicate series for info metric: ${printLabels(other)} and ${printLabels(info.labels)}`,
        );
      }
      byName.set(name, info.labels);
      this.#take(info.labels, labels, added);
    }
    if (byName.size === 0 && this.#wish.isDemanding) return undefined;
    return { ...labels, ...added };
  }

  #take(info: Labels, labels: Labels, added: Record<string, string>): void {
    for (const [name, value] of Object.entries(info)) {
      if (!this.#wish.takes(name) || labels[name] !== undefined) continue;
      if (added[name] !== undefined && added[name] !== value) throw executionError(`conflicting label: ${name}`);
      added[name] = value;
    }
  }

  #output(labels: Labels, dropName: boolean): SeriesBuilder {
    const key = labelsKey(labels);
    let output = this.#outputs.get(key);
    if (!output) {
      output = new SeriesBuilder(labels, dropName, this.#steps);
      this.#outputs.set(key, output);
    }
    return output;
  }
}

function identity(labels: Labels): string {
  return IDENTIFYING.map((name) => labels[name] ?? '').join('\u0001');
}
