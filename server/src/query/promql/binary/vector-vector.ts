import { type Labels, labelsKey } from '../../../model/labels.ts';
import type { EvaluationContext } from '../evaluation/context.ts';
import { executionError } from '../evaluation/errors.ts';
import type { Grid } from '../evaluation/grid.ts';
import { compareText, only, printLabels, without, withoutSchema } from '../evaluation/labels.ts';
import { NOTHING, SeriesBuilder, type VectorSeries, valueAt } from '../evaluation/values.ts';
import type { Binary, VectorMatching } from '../syntax/expression.ts';
import type { Operand, OperandRules } from './operands.ts';
import { matchGroup, signatureOf } from './signature.ts';

const EMPTY: Labels = {};

/** Arithmetic and comparison between instant vectors, by matching labels. */
export async function matchVectors(
  expression: Binary,
  rules: OperandRules,
  left: readonly VectorSeries[],
  right: readonly VectorSeries[],
  grid: Grid,
  context: EvaluationContext,
): Promise<VectorSeries[]> {
  const swapped = expression.matching.cardinality === 'one-to-many';
  const many = swapped ? right : left;
  const one = swapped ? left : right;
  const join = new Join(expression, rules, grid.count, swapped, context);
  join.addOneSide(one, many);
  for (const series of many) {
    join.addMany(series);
    if (context.isDue) await context.pause();
  }
  join.fillMissingMany(one);
  return join.result();
}

/** Partners with the same signature. */
interface Group {
  /** Series of the "one" side. At any step at most one of them is there. */
  readonly ones: VectorSeries[];
  /** The one of `ones` that is there at a step, -1 for none; only made where there are several. */
  chosen: Int32Array | undefined;
  /** Steps at which a series of the many side came by. */
  seen: Uint8Array | undefined;
}

class Join {
  readonly #context: EvaluationContext;
  readonly #rules: OperandRules;
  readonly #floats: OperandRules['floats'];
  readonly #matching: VectorMatching;
  readonly #bool: boolean;
  readonly #isArithmetic: boolean;
  readonly #steps: number;
  readonly #swapped: boolean;
  readonly #signature: (labels: Labels) => string;
  readonly #groups = new Map<string, Group>();
  readonly #outputs = new Map<string, SeriesBuilder>();
  readonly #ignored: ReadonlySet<string>;

  constructor(expression: Binary, rules: OperandRules, steps: number, swapped: boolean, context: EvaluationContext) {
    this.#context = context;
    this.#rules = rules;
    this.#floats = rules.floats;
    this.#matching = expression.matching;
    this.#bool = expression.bool;
    this.#isArithmetic = rules.dropsName && !expression.bool;
    this.#steps = steps;
    this.#swapped = swapped;
    this.#signature = signatureOf(expression.matching);
    this.#ignored = new Set(expression.matching.labels);
  }

  addOneSide(series: readonly VectorSeries[], many: readonly VectorSeries[]): void {
    for (const one of series) {
      const key = this.#signature(one.labels);
      const group = this.#groups.get(key);
      if (group) group.ones.push(one);
      else this.#groups.set(key, { ones: [one], chosen: undefined, seen: undefined });
    }
    let populated: Uint8Array | undefined;
    for (const group of this.#groups.values()) {
      if (group.ones.length < 2) continue;
      populated ??= this.#populatedSteps(many);
      group.chosen = this.#choose(group.ones, populated);
    }
  }

  /** Steps at which an operation takes place at all; elsewhere duplicates go unnoticed. */
  #populatedSteps(many: readonly VectorSeries[]): Uint8Array {
    const populated = new Uint8Array(this.#steps);
    if (this.#matching.fillLeft !== undefined || this.#matching.fillRight !== undefined) return populated.fill(1);
    for (const { present } of many) for (let step = 0; step < this.#steps; step++) populated[step]! |= present[step]!;
    return populated;
  }

  #choose(ones: readonly VectorSeries[], populated: Uint8Array): Int32Array {
    const chosen = new Int32Array(this.#steps).fill(-1);
    for (const [index, one] of ones.entries()) {
      for (let step = 0; step < this.#steps; step++) {
        if (one.present[step] === NOTHING) continue;
        if (chosen[step] !== -1 && populated[step]) throw this.#duplicates(ones[chosen[step]!]!, one);
        chosen[step] = index;
      }
    }
    return chosen;
  }

  #duplicates(a: VectorSeries, b: VectorSeries): Error {
    const group = printLabels(matchGroup(this.#matching, a.labels));
    const pair = [printLabels(a.labels), printLabels(b.labels)].sort(compareText).join(', ');
    return executionError(
      `found duplicate series for the match group ${group} on the ${this.#swapped ? 'left' : 'right'} hand-side of the operation: ` +
        `[${pair}];many-to-many matching not allowed: matching labels must be unique on one side`,
    );
  }

  addMany(series: VectorSeries): void {
    const key = this.#signature(series.labels);
    const group = this.#groups.get(key);
    const fill = this.#matching.fillRight;
    if (!group && fill === undefined) return;
    // An output for each partner that comes up: their labels can differ where `group_left` takes some over.
    const outputs: (SeriesBuilder | undefined)[] = [];
    for (let step = 0; step < this.#steps; step++) {
      if (series.present[step] === NOTHING) continue;
      const index = group ? partnerAt(group, step) : -1;
      if (group) this.#markSeen(group, step);
      if (index < 0 && fill === undefined) continue;
      const partner = index < 0 ? undefined : group!.ones[index]!;
      const slot = index + 1;
      let output = outputs[slot];
      if (!output) {
        output = this.#output(series, partner);
        outputs[slot] = output;
      }
      this.#store(output, step, valueAt(series, step), partner ? valueAt(partner, step) : fill!);
    }
  }

  #markSeen(group: Group, step: number): void {
    group.seen ??= new Uint8Array(this.#steps);
    if (group.seen[step] && this.#matching.cardinality === 'one-to-one' && partnerAt(group, step) >= 0) {
      throw executionError(
        'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)',
      );
    }
    group.seen[step] = 1;
  }

  /** `fill_left`: what is on the one side only. */
  fillMissingMany(ones: readonly VectorSeries[]): void {
    const fill = this.#matching.fillLeft;
    if (fill === undefined) return;
    for (const one of ones) {
      const group = this.#groups.get(this.#signature(one.labels))!;
      let output: SeriesBuilder | undefined;
      for (let step = 0; step < this.#steps; step++) {
        if (one.present[step] === NOTHING || group.seen?.[step]) continue;
        output ??= this.#named(matchGroup(this.#matching, one.labels), false);
        this.#store(output, step, fill, valueAt(one, step));
      }
    }
  }

  #store(output: SeriesBuilder, step: number, manyValue: Operand, oneValue: Operand): void {
    const left = this.#swapped ? oneValue : manyValue;
    const right = this.#swapped ? manyValue : oneValue;
    const value =
      typeof left === 'number' && typeof right === 'number'
        ? this.#floats(left, right, left)
        : this.#rules.apply(left, right, left);
    if (value === undefined) return;
    if (output.present[step] !== NOTHING) {
      throw executionError(
        this.#matching.cardinality === 'one-to-one'
          ? 'multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)'
          : 'multiple matches for labels: grouping labels must ensure unique matches',
      );
    }
    output.store(step, value);
  }

  #output(many: VectorSeries, one: VectorSeries | undefined): SeriesBuilder {
    let labels = many.labels;
    if (this.#isArithmetic) labels = withoutSchema(labels);
    if (this.#matching.cardinality === 'one-to-one') {
      labels = this.#matching.on ? only(labels, this.#matching.labels) : without(labels, this.#ignored);
    }
    if (this.#matching.include.length > 0) {
      const taken: Record<string, string> = { ...labels };
      for (const name of this.#matching.include) {
        const value = (one?.labels ?? EMPTY)[name];
        if (value) taken[name] = value;
        else delete taken[name];
      }
      labels = taken;
    }
    return this.#named(labels, many.dropName || this.#bool);
  }

  #named(labels: Labels, dropName: boolean): SeriesBuilder {
    const key = `${dropName ? 1 : 0}${labelsKey(labels)}`;
    let output = this.#outputs.get(key);
    if (!output) {
      this.#context.hold(this.#steps);
      output = new SeriesBuilder(labels, dropName, this.#steps);
      this.#outputs.set(key, output);
    }
    return output;
  }

  result(): VectorSeries[] {
    return [...this.#outputs.values()].filter((output) => output.count > 0);
  }
}

function partnerAt(group: Group, step: number): number {
  if (group.chosen) return group.chosen[step]!;
  return group.ones[0]!.present[step] === NOTHING ? -1 : 0;
}
