import type uPlot from 'uplot';
import type { Annotation } from '../api-client/types.ts';
import { formatFull } from '../format/time.ts';
import { annotationColor, annotationsAt } from './chart-annotations.ts';
import classes from './time-series-chart.module.css';

const MOST_ROWS = 10;

/** A box beside the cursor with the time, every value there, and what happened then. */
export function tooltipPlugin(
  format: (value: number) => string,
  skipZero: boolean,
  annotations: () => readonly Annotation[],
): uPlot.Plugin {
  const box = document.createElement('div');
  box.className = classes.tooltip!;
  box.hidden = true;
  return {
    hooks: {
      init: (plot) => {
        plot.over.append(box);
        plot.over.addEventListener('mouseleave', () => {
          box.hidden = true;
        });
      },
      setCursor: (plot) => {
        const at = plot.cursor.idx;
        const hovered = plot.over.matches(':hover');
        if (!hovered || at === null || at === undefined || plot.cursor.left === undefined || plot.cursor.left < 0) {
          box.hidden = true;
          return;
        }
        const near = annotationsAt(plot, annotations(), plot.cursor.left);
        box.replaceChildren(...rows(plot, at, format, skipZero), ...near.map(annotationRow));
        box.hidden = false;
        place(plot, box);
      },
    },
  };
}

function rows(plot: uPlot, at: number, format: (value: number) => string, skipZero: boolean): HTMLElement[] {
  const title = document.createElement('div');
  title.className = classes.tooltipTime!;
  title.textContent = formatFull(plot.data[0][at]! * 1000).replace(/[.,]000/, '');
  const values = plot.series
    .map((series, index) => ({ series, value: index === 0 ? null : plot.data[index]![at] }))
    .filter(({ value }) => value !== null && value !== undefined && !(skipZero && value === 0))
    .sort((a, b) => b.value! - a.value!);
  const shown = values.slice(0, MOST_ROWS).map(({ series, value }) => row(series, format(value!)));
  return [title, ...shown];
}

function row(series: uPlot.Series, value: string): HTMLElement {
  const line = document.createElement('div');
  line.className = classes.tooltipRow!;
  const mark = document.createElement('i');
  const stroke = typeof series.stroke === 'function' ? undefined : series.stroke;
  mark.style.background = String((series as { _stroke?: string })._stroke ?? stroke ?? '');
  const name = document.createElement('span');
  name.textContent = String(series.label ?? '');
  const number = document.createElement('b');
  number.textContent = value;
  line.append(mark, name, number);
  return line;
}

function annotationRow(one: Annotation): HTMLElement {
  const line = document.createElement('div');
  line.className = classes.tooltipAnnotation!;
  const mark = document.createElement('i');
  mark.style.background = `var(${annotationColor(one)})`;
  const name = document.createElement('span');
  name.textContent = one.title;
  const when = document.createElement('b');
  when.textContent = formatFull(Date.parse(one.time)).replace(/[.,]\d{3}/, '');
  line.append(mark, name, when);
  return line;
}

function place(plot: uPlot, box: HTMLElement): void {
  const left = plot.cursor.left!;
  const width = plot.over.clientWidth;
  const right = left < width / 2;
  box.style.left = right ? `${left + 14}px` : '';
  box.style.right = right ? '' : `${width - left + 14}px`;
}
