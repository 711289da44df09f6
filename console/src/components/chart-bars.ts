import type uPlot from 'uplot';

/**
 * Bars of `stepSeconds` stacked on the series before; the data stays unstacked, so that tooltips show plain values.
 */
export function barsPath(stepSeconds: number): uPlot.Series.PathBuilder {
  return (plot, index, from, to) => {
    const path = new Path2D();
    const times = plot.data[0];
    const width = barWidth(plot, stepSeconds);
    for (let at = from; at <= to; at++) {
      const value = plot.data[index]![at];
      if (value === null || value === undefined || value === 0) continue;
      const below = sumBelow(plot, index, at);
      const top = plot.valToPos(below + value, 'y', true);
      const bottom = plot.valToPos(below, 'y', true);
      path.rect(plot.valToPos(times[at]!, 'x', true), top, width, bottom - top);
    }
    // No stroke: bars are filled only.
    return { stroke: null, fill: path } as unknown as uPlot.Series.Paths;
  };
}

function barWidth(plot: uPlot, stepSeconds: number): number {
  const pixels = plot.valToPos(stepSeconds, 'x', true) - plot.valToPos(0, 'x', true);
  return Math.max(1, pixels - Math.max(1, pixels * 0.15));
}

function sumBelow(plot: uPlot, index: number, at: number): number {
  let sum = 0;
  for (let below = 1; below < index; below++) sum += plot.data[below]![at] ?? 0;
  return sum;
}

/** The highest stack. */
export function highestStack(data: uPlot.AlignedData): number {
  let highest = 0;
  for (let at = 0; at < (data[0]?.length ?? 0); at++) {
    let sum = 0;
    for (let index = 1; index < data.length; index++) sum += data[index]![at] ?? 0;
    highest = Math.max(highest, sum);
  }
  return highest;
}
