import type uPlot from 'uplot';
import type { Annotation } from '../api-client/types.ts';

/** The colour of an annotation's line, as a variable of the theme. */
export function annotationColor({ kind, severity }: Pick<Annotation, 'kind' | 'severity'>): string {
  if (kind === 'alert') return `--${severity}`;
  return kind === 'deploy' ? '--accent' : '--text-faint';
}

/** Lines at the beginnings of annotations, with a mark at the top; a shade over those that last. */
export function annotationsPlugin(
  annotations: () => readonly Annotation[],
  color: (name: string) => string,
): uPlot.Plugin {
  return {
    hooks: {
      drawClear: (plot) => {
        for (const one of annotations()) draw(plot, one, color(annotationColor(one)));
      },
    },
  };
}

/** Those whose lines are close to the cursor, the nearest first. */
export function annotationsAt(plot: uPlot, annotations: readonly Annotation[], left: number): Annotation[] {
  const distance = (one: Annotation) => Math.abs(plot.valToPos(Date.parse(one.time) / 1000, 'x') - left);
  return annotations
    .filter((one) => distance(one) <= REACH)
    .sort((a, b) => distance(a) - distance(b))
    .slice(0, MOST_SHOWN);
}

const REACH = 8;
const MOST_SHOWN = 4;
const MARK = 4;

function draw(plot: uPlot, one: Annotation, stroke: string): void {
  const { ctx, bbox } = plot;
  const right = bbox.left + bbox.width;
  const place = (time: string) => plot.valToPos(Date.parse(time) / 1000, 'x', true);
  const start = place(one.time);
  const end = one.time_end === null ? start : Math.min(place(one.time_end), right);
  if (start > right || end < bbox.left) return;
  ctx.save();
  ctx.fillStyle = stroke;
  if (end > start) {
    const from = Math.max(start, bbox.left);
    ctx.globalAlpha = 0.08;
    ctx.fillRect(from, bbox.top, end - from, bbox.height);
    ctx.globalAlpha = 1;
  }
  if (start >= bbox.left) {
    const x = Math.round(start);
    const size = MARK * devicePixelRatio;
    ctx.strokeStyle = stroke;
    ctx.lineWidth = devicePixelRatio;
    ctx.setLineDash(one.kind === 'deploy' ? [] : [3 * devicePixelRatio, 3 * devicePixelRatio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.beginPath();
    ctx.moveTo(x - size, bbox.top);
    ctx.lineTo(x + size, bbox.top);
    ctx.lineTo(x, bbox.top + size * 1.5);
    ctx.fill();
  }
  ctx.restore();
}
