import type { Exemplar } from '../../../model/metric.ts';
import { isSpanId, isTraceId } from '../ids.ts';
import { addLabels } from './label-names.ts';
import type { TranslationStrategy } from './metric-names.ts';
import type { OtlpExemplar, Point } from './otlp-metric.ts';

/** OpenMetrics' limit on the names and values of all labels together. */
const MOST_CHARACTERS = 128;

/**
 * The exemplars of a point. What was recorded beside the point's attributes becomes labels as far as there is room;
 * trace and span id go first.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#exemplars
 */
export function exemplarsOf({ exemplars = [], time }: Point, strategy: TranslationStrategy): Exemplar[] {
  return exemplars
    .filter(({ value }) => value !== undefined)
    .map((exemplar) => ({
      timestamp: exemplar.time || time,
      value: exemplar.value!,
      labels: labelsOf(exemplar, strategy),
    }));
}

function labelsOf(
  { traceId, spanId, attributes }: OtlpExemplar,
  strategy: TranslationStrategy,
): Record<string, string> {
  const labels: Record<string, string> = {};
  if (isTraceId(traceId)) labels.trace_id = traceId;
  if (isSpanId(spanId)) labels.span_id = spanId;
  let room = MOST_CHARACTERS - charactersOf(labels);
  const recorded: Record<string, string> = {};
  addLabels(recorded, attributes, labels, strategy);
  for (const [name, value] of Object.entries(recorded)) {
    const characters = [...name, ...value].length;
    if (characters > room) continue;
    room -= characters;
    labels[name] = value;
  }
  return labels;
}

function charactersOf(labels: Readonly<Record<string, string>>): number {
  return Object.entries(labels).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}
