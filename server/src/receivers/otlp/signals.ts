import { parseJson } from '../../http/index.ts';
import { giveBackBuffer } from '../../lib/buffer-pool.ts';
import { StringCache } from '../../lib/protobuf-reader.ts';
import type { Clock } from '../../model/clock.ts';
import type { ErrorCode } from '../../model/errors.ts';
import {
  type Intake,
  type Rejection,
  type RejectionReason,
  RejectionTally,
  type Sender,
} from '../../pipeline/index.ts';
import * as jsonLogs from './json/logs.ts';
import * as jsonMetrics from './json/metrics.ts';
import * as jsonTraces from './json/traces.ts';
import type { Encoding } from './media.ts';
import type { TranslationStrategy } from './metrics/metric-names.ts';
import { MetricTranslator, type TranslatedMetrics } from './metrics/translator.ts';
import * as protobufLogs from './protobuf/logs.ts';
import { asMalformed } from './protobuf/malformed.ts';
import * as protobufMetrics from './protobuf/metrics.ts';
import * as protobufTraces from './protobuf/traces.ts';

/** Most bytes of a request, before and after decompression, whatever carries it. */
export const BODY_LIMIT = 20 * 1024 * 1024;

export interface OtlpOptions {
  /** Where everything goes; `pipeline.intake('otlp')`. */
  readonly intake: Intake;
  readonly clock: Clock;
  /** Series of delta metrics whose sums are remembered; the one longest untouched is forgotten first. Default 100 000. */
  readonly maxDeltaSeries?: number;
  /** How metrics and labels are named. Default: as old Prometheus names, with suffixes. */
  readonly translationStrategy?: TranslationStrategy;
}

export interface OtlpSignal {
  /** Over HTTP. */
  readonly path: string;
  /** Over gRPC. */
  readonly method: string;
  readonly summary: string;
  /** JSON name of the count in `partial_success`. */
  readonly rejectedField: string;
  /** Counts a request that was refused whole. */
  refused(code: ErrorCode): void;
  /** Stores a body, of which nothing is needed any more when the call returns; answers what was refused. Throws `ServiceError`. */
  take(body: Buffer, encoding: Encoding, sender: Sender): Promise<readonly Rejection[]>;
}

/** The three signals. What they remember of delta metrics serves every carrier: one set for all of them. */
export function otlpSignals(options: OtlpOptions): OtlpSignal[] {
  return [traces(options), metrics(options), logs(options)];
}

function traces({ intake }: OtlpOptions): OtlpSignal {
  const strings = new StringCache();
  return {
    path: '/v1/traces',
    method: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
    summary: 'Take spans in OTLP',
    rejectedField: 'rejectedSpans',
    refused: (code) => intake.refuseRequest('spans', code),
    async take(body, encoding, sender) {
      const decoded =
        encoding === 'json' ? jsonTraces.decodeTraces(parseJson(body)) : protobufTraces.decodeTraces(body, strings);
      return (await intake.writeSpans(decoded.items, { refused: decoded.rejected, sender })).rejected;
    },
  };
}

function logs({ intake, clock }: OtlpOptions): OtlpSignal {
  const strings = new StringCache();
  return {
    path: '/v1/logs',
    method: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
    summary: 'Take log records in OTLP',
    rejectedField: 'rejectedLogRecords',
    refused: (code) => intake.refuseRequest('logs', code),
    async take(body, encoding, sender) {
      const now = BigInt(clock.now()) * 1_000_000n;
      const decoded =
        encoding === 'json' ? jsonLogs.decodeLogs(parseJson(body), now) : protobufLogs.decodeLogs(body, strings, now);
      return (await intake.writeLogs(decoded.items, { refused: decoded.rejected, sender })).rejected;
    },
  };
}

function metrics({
  intake,
  maxDeltaSeries = 100_000,
  translationStrategy: strategy = 'UnderscoreEscapingWithSuffixes',
}: OtlpOptions): OtlpSignal {
  const strings = new StringCache();
  const translator = new MetricTranslator({ maxDeltaSeries, strategy });
  return {
    path: '/v1/metrics',
    method: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
    summary: 'Take metrics in OTLP',
    rejectedField: 'rejectedDataPoints',
    refused: (code) => intake.refuseRequest('samples', code),
    async take(body, encoding, sender) {
      const groups =
        encoding === 'json'
          ? jsonMetrics.decodeMetrics(parseJson(body))
          : asMalformed(() => protobufMetrics.decodeMetrics(body, strings));
      const translated = translator.translate(groups);
      const rejected = new RejectionTally();
      rejected.addAll(translated.rejected);
      const onRefused = pointCounter(translated, rejected);
      await intake.writeSamples(translated.items, { refused: translated.rejected, onRefused, sender });
      return rejected.list();
    },
  };
}

/** Senders count data points, the pipeline samples: a histogram refused as twenty series is one point. */
function pointCounter({ pointOf }: TranslatedMetrics, rejected: RejectionTally) {
  let last: number | undefined;
  return (index: number, reason: RejectionReason, detail = '') => {
    const point = pointOf[index];
    if (point !== undefined && point !== last) rejected.add(reason, 1, detail);
    last = point;
  };
}

/**
 * Stores a request of an API key; no bytes are one without items in protobuf, and the same courtesy holds for JSON.
 * The memory of the body is used for others while the answer is on its way.
 */
export async function takeRequest(
  signal: OtlpSignal,
  body: Buffer,
  encoding: Encoding,
  key: string,
): Promise<readonly Rejection[]> {
  if (body.length === 0) return [];
  const taking = signal.take(body, encoding, { key, bytes: body.length });
  giveBackBuffer(body);
  return await taking;
}
