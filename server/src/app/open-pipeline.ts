import type { Config } from '../config/index.ts';
import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';
import { createPipeline, type Pipeline } from '../pipeline/index.ts';
import type { TelemetryStore } from '../stores/telemetry/index.ts';

/** The pipeline into the telemetry store, with the limits and stages of the configuration. */
export function openPipeline(config: Config, telemetry: TelemetryStore, clock: Clock, logger: Logger): Pipeline {
  // What is older than the retention would be acknowledged and not seen: it is refused.
  const maxAge = (retention: number) => Math.min(retention, config.ingestMaxAge ?? retention);
  return createPipeline({
    spans: telemetry,
    logs: telemetry,
    samples: telemetry.metrics,
    clock,
    logger,
    elapsed: () => performance.now(),
    rules: config.pipelines,
    rateLimit: { itemsPerSecond: config.ingestItemsPerSecond, bytesPerSecond: config.ingestBytesPerSecond },
    ...(config.redactionKey !== undefined && { redactionKey: config.redactionKey }),
    limits: {
      maxAgeMs: {
        spans: maxAge(config.retentionTraces),
        logs: maxAge(config.retentionLogs),
        samples: maxAge(config.retentionMetrics),
      },
      maxAheadMs: config.ingestMaxAhead,
      seriesPerMetric: config.ingestMaxSeriesPerMetric,
      series: config.ingestMaxSeries,
    },
  });
}
