import { executionError } from '../evaluation/errors.ts';

/** The k of each step. */
export function countsOf(parameter: Float64Array): Float64Array {
  return parameter.map((value) => {
    if (Number.isNaN(value)) throw executionError('Parameter value is NaN');
    if (value >= 2 ** 63) throw executionError(`Scalar value ${value} overflows int64`);
    if (value <= -(2 ** 63)) throw executionError(`Scalar value ${value} underflows int64`);
    return Math.trunc(value);
  });
}
