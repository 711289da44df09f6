import type { FunctionImplementation } from '../evaluation/evaluator-contract.ts';
import { selectInstant, timesOf } from '../evaluation/selection.ts';
import { FLOAT, floatsOnly, NOTHING, scalar, type VectorSeries, vector } from '../evaluation/values.ts';
import { withoutParentheses } from '../syntax/check.ts';

export const TIME: Readonly<Record<string, FunctionImplementation>> = {
  time: async (_call, grid) => scalar(timesOf(grid).map((time) => time / 1000)),
  pi: constant(() => Math.PI),
  start: constant(({ start }) => start / 1000),
  end: constant(({ end }) => end / 1000),
  step: constant(({ step }) => step / 1000),
  range: constant(({ start, end }) => (end - start) / 1000),
  timestamp: async (call, grid, evaluator) => {
    const argument = withoutParentheses(call.arguments[0]!);
    if (argument.kind === 'vector-selector') {
      return vector(await selectInstant(evaluator.context, argument, grid, 'timestamps'));
    }
    const series = await evaluator.vector(argument, grid);
    const seconds = timesOf(grid).map((time) => time / 1000);
    const present = (series: VectorSeries) => series.present.map((kind) => (kind === NOTHING ? NOTHING : FLOAT));
    return vector(
      series.map((one) => ({ labels: one.labels, dropName: true, present: present(one), values: seconds })),
    );
  },
  // Of anything but a selector there is nothing to say: Prometheus has no start timestamps there.
  start_timestamp: async (call, grid, evaluator) => {
    const argument = withoutParentheses(call.arguments[0]!);
    if (argument.kind === 'vector-selector') {
      return vector(await selectInstant(evaluator.context, argument, grid, 'startTimestamps'));
    }
    await evaluator.vector(argument, grid);
    return vector([]);
  },
  day_of_month: calendar((date) => date.getUTCDate()),
  day_of_week: calendar((date) => date.getUTCDay()),
  day_of_year: calendar((date) => Math.floor((+date - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1),
  days_in_month: calendar((date) => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()),
  hour: calendar((date) => date.getUTCHours()),
  minute: calendar((date) => date.getUTCMinutes()),
  month: calendar((date) => date.getUTCMonth() + 1),
  year: calendar((date) => date.getUTCFullYear()),
};

function constant(secondsOf: (times: { start: number; end: number; step: number }) => number): FunctionImplementation {
  return async (_call, grid, evaluator) =>
    scalar(new Float64Array(grid.count).fill(secondsOf(evaluator.context.times)));
}

/** A part of the date that a value (Unix seconds, UTC) names; without argument of the time of evaluation. */
function calendar(part: (date: Date) => number): FunctionImplementation {
  const compute = (seconds: number) =>
    Number.isFinite(seconds) ? part(new Date(Math.trunc(seconds) * 1000)) : Number.NaN;
  return async (call, grid, evaluator) => {
    const [argument] = call.arguments;
    if (!argument) {
      const values = timesOf(grid).map((time) => compute(time / 1000));
      return vector([{ labels: {}, dropName: false, present: new Uint8Array(grid.count).fill(1), values }]);
    }
    const series = floatsOnly(await evaluator.vector(argument, grid));
    return vector(
      series.map(({ labels, present, values }) => ({
        labels,
        dropName: true,
        present,
        values: values.map((value, step) => (present[step] === NOTHING ? 0 : compute(value))),
      })),
    );
  };
}
