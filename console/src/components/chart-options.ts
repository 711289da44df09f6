import type uPlot from 'uplot';
import type { Annotation } from '../api-client/types.ts';
import { formatBytes, formatBytesPerSecond } from '../format/number.ts';
import { annotationsPlugin } from './chart-annotations.ts';
import { barsPath, highestStack } from './chart-bars.ts';
import { type ChartSeries, colorVariable } from './chart-data.ts';
import { tooltipPlugin } from './chart-tooltip.ts';

interface ChartOptions {
  element: HTMLElement;
  series: readonly ChartSeries[];
  format: (value: number) => string;
  width: number;
  height: number;
  atLeast: number | undefined;
  kind: 'line' | 'bars';
  stepSeconds: number | undefined;
  threshold: number | undefined;
  range: () => { start: number; end: number } | undefined;
  onZoom: (start: number, end: number) => void;
  zoomable: boolean;
  annotations: () => readonly Annotation[];
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Seconds between two times of the axis. */
const TIME_STEPS = [
  ...[1, 2, 5, 10, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 5, 10, 30, 90, 365].map((days) => days * DAY),
];

/** Round numbers of bytes are powers of two. */
const BINARY_STEPS = Array.from({ length: 51 }, (_, power) => 2 ** power);

function isBinary(format: (value: number) => string): boolean {
  return format === formatBytes || format === formatBytesPerSecond;
}

const AXIS_FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

export function chartOptions(wanted: ChartOptions): uPlot.Options {
  const style = getComputedStyle(wanted.element);
  const color = (name: string) => style.getPropertyValue(name).trim();
  const seriesColor = (one: ChartSeries, index: number) => color(colorVariable(one, index));
  return {
    width: wanted.width,
    height: wanted.height,
    padding: [8, 16, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: 'time' },
      drag: { x: wanted.zoomable, y: false, setScale: false },
      points: { size: 7, width: 2 },
      y: false,
    },
    scales: {
      x: { time: true, range: (_plot, low, high) => horizontal(wanted.range(), low, high) },
      y: {
        range: (plot, low, high) => vertical(low, wanted.kind === 'bars' ? highestStack(plot.data) : high, wanted),
      },
    },
    axes: [
      {
        stroke: color('--text-faint'),
        font: AXIS_FONT,
        grid: { show: false },
        ticks: { stroke: color('--line'), width: 1, size: 4 },
        space: 64,
        size: 26,
        incrs: TIME_STEPS,
        values: (_plot, splits, _axis, _space, increment) => splits.map((time) => axisTime(time, increment)),
      },
      {
        stroke: color('--text-faint'),
        font: AXIS_FONT,
        grid: { stroke: color('--line'), width: 1 },
        ticks: { show: false },
        size: (_plot, labels) => axisWidth(labels),
        gap: 6,
        space: 34,
        ...(isBinary(wanted.format) ? { incrs: BINARY_STEPS } : {}),
        values: (_plot, splits) => splits.map((value) => wanted.format(value)),
      },
    ],
    series: [
      {},
      ...wanted.series.map((one, index): uPlot.Series => {
        const stroke = seriesColor(one, index);
        if (wanted.kind === 'bars')
          return {
            label: one.name,
            stroke,
            fill: stroke,
            width: 0,
            paths: barsPath(wanted.stepSeconds ?? 60),
            points: { show: false },
          };
        return {
          label: one.name,
          stroke,
          width: 1.5,
          ...(wanted.series.length <= 2 ? { fill: `color-mix(in srgb, ${stroke} 12%, transparent)` } : {}),
          points: { show: lonelyPoints, size: 4, fill: stroke },
        };
      }),
    ],
    hooks: {
      setSelect: [
        (plot) => {
          if (plot.select.width < 6) return;
          const start = plot.posToVal(plot.select.left, 'x') * 1000;
          const end = plot.posToVal(plot.select.left + plot.select.width, 'x') * 1000;
          plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          wanted.onZoom(Math.round(start), Math.round(end));
        },
      ],
      draw:
        wanted.threshold === undefined ? [] : [(plot) => drawThreshold(plot, wanted.threshold!, color('--critical'))],
    },
    plugins: [
      annotationsPlugin(wanted.annotations, color),
      tooltipPlugin(wanted.format, wanted.kind === 'bars', wanted.annotations),
    ],
  };
}

/** Room for the widest label; the first call comes before there are labels. */
function axisWidth(labels: string[] | null): number {
  const longest = Math.max(0, ...(labels ?? []).map((label) => label.length));
  return Math.max(30, Math.round(longest * 6.2) + 12);
}

function horizontal(range: { start: number; end: number } | undefined, low: number, high: number): uPlot.Range.MinMax {
  if (range) return [range.start / 1000, range.end / 1000];
  return low === high ? [low - 60, high + 60] : [low, high];
}

/** From zero (or the lowest below it) to a little above the highest. */
function vertical(low: number | null, high: number | null, wanted: ChartOptions): uPlot.Range.MinMax {
  const top = Math.max(high ?? 0, wanted.atLeast ?? 0, (wanted.threshold ?? 0) * 1.05);
  const bottom = Math.min(low ?? 0, 0);
  if (top === bottom) return [bottom, bottom + 1];
  return [bottom * 1.05, top === wanted.atLeast ? top : top * 1.08];
}

/** Points are drawn only where lines cannot be: a value with no neighbours. */
function lonelyPoints(plot: uPlot, index: number): boolean {
  const values = plot.data[index]!;
  let count = 0;
  for (const value of values) if (value !== null && value !== undefined) count++;
  return count < 2;
}

function drawThreshold(plot: uPlot, value: number, stroke: string): void {
  const y = Math.round(plot.valToPos(value, 'y', true));
  const { left, width } = plot.bbox;
  plot.ctx.save();
  plot.ctx.strokeStyle = stroke;
  plot.ctx.setLineDash([6, 4]);
  plot.ctx.lineWidth = devicePixelRatio;
  plot.ctx.beginPath();
  plot.ctx.moveTo(left, y);
  plot.ctx.lineTo(left + width, y);
  plot.ctx.stroke();
  plot.ctx.restore();
}

const time = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat(undefined, { hourCycle: 'h23', ...options });
const withSeconds = time({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
const withMinutes = time({ hour: '2-digit', minute: '2-digit' });
const withDay = time({ month: 'short', day: 'numeric' });

function axisTime(seconds: number, increment: number): string {
  const date = new Date(seconds * 1000);
  const midnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
  if (increment >= 86_400 || midnight) return withDay.format(date);
  return increment < 60 ? withSeconds.format(date) : withMinutes.format(date);
}
