import type { Config } from '../config/index.ts';
import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';
import type { SpanSink } from '../model/span.ts';
import { createPipeline, type Pipeline } from '../pipeline/index.ts';
import type { RetentionSetting, TelemetryStore } from '../stores/telemetry/index.ts';

/** The pipeline into the telemetry store (spans by way of a sink), with the configuration's limits and stages. */
export function openPipeline(
  config: Config,
  telemetry: TelemetryStore,
  spans: SpanSink,
  retention: RetentionSetting,
  clock: Clock,
  logger: Logger,
): Pipeline {
  // What is older than the retention, which may change, would be acknowledged and not seen: it is refused.
  const maxAge = (kept: number) => Math.min(kept, config.ingestMaxAge ?? kept);
  return createPipeline({
    spans,
    logs: telemetry,
    samples: telemetry.metrics,
    knownSeries: telemetry.metrics,
    clock,
    logger,
    elapsed: () => performance.now(),
    rules: config.pipelines,
    rateLimit: { itemsPerSecond: config.ingestItemsPerSecond, bytesPerSecond: config.ingestBytesPerSecond },
    ...(config.redactionKey !== undefined && { redactionKey: config.redactionKey }),
    limits: {
      maxAgeMs: {
        get spans() {
          return maxAge(retention.current.tracesMs);
        },
        get logs() {
          return maxAge(retention.current.logsMs);
        },
        get samples() {
          return maxAge(retention.current.metricsMs);
        },
      },
      maxAheadMs: config.ingestMaxAhead,
      seriesPerMetric: config.ingestMaxSeriesPerMetric,
      series: config.ingestMaxSeries,
    },
  });
}
