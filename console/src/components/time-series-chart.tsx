import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import type { Annotation } from '../api-client/types.ts';
import { alignSeries, type ChartSeries, colorVariable, lastValue } from './chart-data.ts';
import { chartOptions } from './chart-options.ts';
import classes from './time-series-chart.module.css';

const NO_ANNOTATIONS: readonly Annotation[] = [];

interface TimeSeriesChartProps {
  /** What the chart shows, for those who do not see it. */
  label: string;
  series: readonly ChartSeries[];
  format: (value: number) => string;
  stepSeconds?: number | undefined;
  /** Unix milliseconds; the axis shows all of it, data or not. */
  range?: { start: number; end: number } | undefined;
  height?: number;
  /** Top of the axis at least: 100 for percentages that should not look dramatic. */
  atLeast?: number | undefined;
  kind?: 'line' | 'bars';
  /** A horizontal line with a name: thresholds. */
  threshold?: number | undefined;
  legend?: boolean;
  /** What happened besides, at its time. */
  annotations?: readonly Annotation[] | undefined;
  /** A stretch of time that the reader selected by dragging; Unix milliseconds. */
  onZoom?: ((start: number, end: number) => void) | undefined;
}

/** Lines or stacked bars over time; cursors of all charts of a page move together. */
export function TimeSeriesChart(props: TimeSeriesChartProps) {
  const { label, series, format, stepSeconds, range, height = 150, atLeast, kind = 'line', threshold, onZoom } = props;
  const { annotations = NO_ANNOTATIONS } = props;
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const scheme = useComputedColorScheme('dark');
  const data = useMemo(() => alignSeries(series, stepSeconds), [series, stepSeconds]);
  const zoom = useRef(onZoom);
  zoom.current = onZoom;
  const marks = useRef(annotations);
  marks.current = annotations;
  const axis = useRef(range);
  axis.current = range;
  const names = series.map((one, index) => `${one.name} ${colorVariable(one, index)}`).join('\n');

  // biome-ignore lint/correctness/useExhaustiveDependencies: names stands for series; data is set below without a rebuild
  useEffect(() => {
    const element = host.current!;
    const options = chartOptions({
      element,
      series,
      format,
      height,
      width: element.clientWidth || 300,
      atLeast,
      kind,
      stepSeconds,
      threshold,
      range: () => axis.current,
      onZoom: (start, end) => zoom.current?.(start, end),
      zoomable: onZoom !== undefined,
      annotations: () => marks.current,
    });
    const chart = new uPlot(options, data as uPlot.AlignedData, element);
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = undefined;
    };
  }, [names, scheme, height, atLeast, kind, threshold, format, kind === 'bars' ? stepSeconds : 0]);

  useEffect(() => {
    plot.current?.setData(data as uPlot.AlignedData);
  }, [data]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the marks are read while it is drawn
  useEffect(() => plot.current?.redraw(false), [annotations]);

  return (
    <div>
      <div
        ref={host}
        className={classes.chart}
        role="img"
        aria-label={describe(label, series, format, annotations)}
        style={{ height }}
      />
      {props.legend ? <Legend series={series} format={format} kind={kind} /> : null}
    </div>
  );
}

function describe(
  label: string,
  series: readonly ChartSeries[],
  format: (value: number) => string,
  annotations: readonly Annotation[],
): string {
  const parts = series.slice(0, 4).map((one) => {
    const value = lastValue(one.points);
    return `${one.name} ${value === undefined ? 'without data' : `now ${format(value)}`}`;
  });
  const happened = annotations.slice(0, 4).map(({ title }) => title);
  const besides = happened.length === 0 ? '' : `. Annotations: ${happened.join(', ')}`;
  return `${label}. ${parts.length === 0 ? 'No data' : parts.join(', ')}${besides}`;
}

function Legend({ series, format, kind }: Pick<TimeSeriesChartProps, 'series' | 'format' | 'kind'>) {
  return (
    <ul className={classes.legend}>
      {series.map((one, index) => {
        const value = lastValue(one.points);
        return (
          <li key={one.name} title={one.name}>
            <i style={{ background: `var(${colorVariable(one, index)})` }} />
            <span className="truncate">{one.name}</span>
            {kind === 'bars' || value === undefined ? null : <b>{format(value)}</b>}
          </li>
        );
      })}
    </ul>
  );
}
