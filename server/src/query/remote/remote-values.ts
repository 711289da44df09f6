import type { Labels } from '../../model/labels.ts';
import type { InstantResult, ResultSeries } from '../promql/index.ts';

/** The result of a query in Prometheus' JSON. Native histograms are left out. */
export function readResult(data: unknown): InstantResult {
  const { resultType, result } = data as { resultType: string; result: unknown };
  switch (resultType) {
    case 'vector': {
      const items = (result as RemoteSample[]).filter(({ value }) => value !== undefined);
      const timestamp = items.length > 0 ? milliseconds(items[0]!.value![0]) : 0;
      return {
        type: 'vector',
        timestamp,
        samples: items.map(({ metric, value }) => ({ labels: metric, value: numberOf(value![1]) })),
      };
    }
    case 'matrix':
      return { type: 'matrix', series: readMatrix(data) };
    case 'scalar': {
      const [time, value] = result as Point;
      return { type: 'scalar', timestamp: milliseconds(time), value: numberOf(value) };
    }
    case 'string': {
      const [time, value] = result as Point;
      return { type: 'string', timestamp: milliseconds(time), value };
    }
    default:
      throw new TypeError(`a result of type ${resultType} is not known`);
  }
}

/** The series of a matrix; those without floats are left out. */
export function readMatrix(data: unknown): ResultSeries[] {
  const { result } = data as { result: { metric: Labels; values?: Point[] }[] };
  return result.flatMap(({ metric, values }) => {
    if (values === undefined || values.length === 0) return [];
    return [
      {
        labels: metric,
        timestamps: Float64Array.from(values, ([time]) => milliseconds(time)),
        values: Float64Array.from(values, ([, value]) => numberOf(value)),
      },
    ];
  });
}

type Point = readonly [number, string];

interface RemoteSample {
  readonly metric: Labels;
  readonly value?: Point;
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000);
}

function numberOf(text: string): number {
  if (text === '+Inf' || text === 'Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
}
