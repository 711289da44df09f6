import type { FunctionImplementation } from '../evaluation/evaluator-contract.ts';
import { FLOAT, floatsOnly, NOTHING, scalar, vector } from '../evaluation/values.ts';

/** Between scalars and vectors. */
export const CONVERSIONS: Readonly<Record<string, FunctionImplementation>> = {
  vector: async (call, grid, evaluator) => {
    const values = await evaluator.scalar(call.arguments[0]!, grid);
    return vector([{ labels: {}, dropName: false, present: new Uint8Array(grid.count).fill(FLOAT), values }]);
  },
  scalar: async (call, grid, evaluator) => {
    const series = floatsOnly(await evaluator.vector(call.arguments[0]!, grid));
    const values = new Float64Array(grid.count).fill(Number.NaN);
    const seen = new Uint32Array(grid.count);
    for (const one of series) {
      for (let step = 0; step < grid.count; step++) {
        if (one.present[step] === NOTHING) continue;
        values[step] = ++seen[step]! > 1 ? Number.NaN : one.values[step]!;
      }
    }
    return scalar(values);
  },
};
