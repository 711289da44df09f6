import type { LogRecord } from '../model/log-record.ts';
import type { SeriesSamples } from '../model/metric.ts';
import type { Span } from '../model/span.ts';
import { inferSeverity } from './infer-severity.ts';
import { limitLog } from './limit-log.ts';
import { limitSeries } from './limit-series.ts';
import { limitSpan } from './limit-span.ts';
import type { Stage } from './stage.ts';
import { logTimeBounds, sampleTimeBounds, spanTimeBounds } from './time-bounds.ts';

/** What happens to everything that comes in, in this order. */
export const spanStages: readonly Stage<Span>[] = [spanTimeBounds, limitSpan];
export const logStages: readonly Stage<LogRecord>[] = [logTimeBounds, limitLog, inferSeverity];
export const sampleStages: readonly Stage<SeriesSamples>[] = [sampleTimeBounds, limitSeries];
