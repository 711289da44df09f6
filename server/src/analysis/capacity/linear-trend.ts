export interface LinearTrend {
  /** Change of y for a change of x by 1. */
  readonly slope: number;
  /** How much of the variance the line explains, 0 to 1; 1 where y never changes. */
  readonly fit: number;
}

/** Least squares over points; `undefined` where all have one x. */
export function linearTrend(points: readonly (readonly [x: number, y: number])[]): LinearTrend | undefined {
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (const [x, y] of points) {
    xx += (x - meanX) ** 2;
    xy += (x - meanX) * (y - meanY);
    yy += (y - meanY) ** 2;
  }
  if (xx === 0) return undefined;
  return { slope: xy / xx, fit: yy === 0 ? 1 : xy ** 2 / (xx * yy) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
