/** Unix seconds and a value; null = no data. */
export type Point = readonly [number, number | null];

export interface ChartSeries {
  name: string;
  points: readonly Point[];
  /** Place in the palette, 0-7; else by order. */
  color?: number | undefined;
  /** A CSS variable instead: `--error`. */
  colorName?: string | undefined;
}

/** One array of times and one of values per series, as uPlot takes them. */
type Aligned = [number[], ...(number | null)[][]];

/**
 * Puts series with times of their own on one axis. Times less than half a step apart are one place, since two
 * queries up to "now" never mean quite the same now. A pause of more than a step and a half becomes a gap, so that
 * missing data is not drawn as a straight line.
 */
export function alignSeries(series: readonly ChartSeries[], stepSeconds: number | undefined): Aligned {
  const seen = new Set<number>();
  for (const one of series) for (const [time] of one.points) seen.add(time);
  const { times, places } = placeTimes([...seen].sort(ascending), (stepSeconds ?? 0) / 2, (stepSeconds ?? 0) * 1.5);
  const columns = series.map((one) => {
    const values: (number | null)[] = new Array(times.length).fill(null);
    for (const [time, value] of one.points) values[places.get(time)!] = value;
    return values;
  });
  return [times, ...columns];
}

function ascending(a: number, b: number): number {
  return a - b;
}

/** `near` and `far` in seconds; without a step both are 0, and nothing is joined or parted. */
function placeTimes(sorted: readonly number[], near: number, far: number) {
  const times: number[] = [];
  const places = new Map<number, number>();
  for (const time of sorted) {
    const before = times.at(-1);
    if (before === undefined || time - before >= near) {
      if (before !== undefined && far > 0 && time - before > far) times.push(before + (time - before) / 2);
      times.push(time);
    }
    places.set(time, times.length - 1);
  }
  return { times, places };
}

/** The newest value that is there. */
export function lastValue(points: readonly Point[]): number | undefined {
  for (let index = points.length - 1; index >= 0; index--) {
    const value = points[index]![1];
    if (value !== null) return value;
  }
  return undefined;
}

/** The CSS variable of the colour of a series. */
export function colorVariable(series: ChartSeries, index: number): string {
  return series.colorName ?? `--series-${((series.color ?? index) % 8) + 1}`;
}
