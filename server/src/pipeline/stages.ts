import type { LogRecord } from '../model/log-record.ts';
import type { SeriesSamples } from '../model/metric.ts';
import type { Span } from '../model/span.ts';
import { drop } from './drop-filter.ts';
import { enrich } from './enrich.ts';
import { inferSeverity } from './infer-severity.ts';
import { type KnownSeries, limitCardinality } from './limit-cardinality.ts';
import { limitLog } from './limit-log.ts';
import { limitSeries } from './limit-series.ts';
import { limitSpan } from './limit-span.ts';
import type { PipelineRules } from './pipeline-rules.ts';
import { redactLogs, redactSpans } from './redaction/redact.ts';
import { relabelSeries } from './relabel-series.ts';
import type { Stage } from './stage.ts';
import { logTimeBounds, sampleTimeBounds, spanTimeBounds } from './time-bounds.ts';

/** What happens to everything that comes in, in this order. A stage that has nothing to do is left out. */
export function spanStages({ spans, services }: PipelineRules, hashKey: string): Stage<Span>[] {
  return present([
    spanTimeBounds,
    limitSpan,
    drop(spans.drop),
    enrich(spans.attributes, services),
    redactSpans(spans.redact, hashKey),
  ]);
}

export function logStages({ logs, services }: PipelineRules, hashKey: string): Stage<LogRecord>[] {
  return present([
    logTimeBounds,
    limitLog,
    inferSeverity,
    drop(logs.drop),
    enrich(logs.attributes, services),
    redactLogs(logs.redact, hashKey),
  ]);
}

export function sampleStages({ relabel }: PipelineRules, known: KnownSeries | undefined): Stage<SeriesSamples>[] {
  return present([sampleTimeBounds, relabelSeries(relabel), limitSeries, known && limitCardinality(known)]);
}

function present<Item extends object>(stages: readonly (Stage<Item> | undefined)[]): Stage<Item>[] {
  return stages.filter((stage) => stage !== undefined);
}
