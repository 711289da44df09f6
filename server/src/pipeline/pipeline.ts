import type { Clock } from '../model/clock.ts';
import type { ErrorCode } from '../model/errors.ts';
import { collect, type Flow } from '../model/flow.ts';
import type { LogRecord, LogSink } from '../model/log-record.ts';
import type { Logger } from '../model/logger.ts';
import type { SampleSink, SeriesSamples } from '../model/metric.ts';
import type { Span, SpanSink } from '../model/span.ts';
import { InFlight } from './in-flight.ts';
import { IntakeCounter, type IntakeStats, type Signal } from './intake-stats.ts';
import { Lane, type WriteOptions, type WriteOutcome } from './lane.ts';
import type { KnownSeries } from './limit-cardinality.ts';
import { DEFAULT_LIMITS, type PipelineLimits } from './limits.ts';
import { NO_RULES, type PipelineRules } from './pipeline-rules.ts';
import { type RateLimit, type RateLimitOptions, RateLimits } from './rate-limits.ts';
import { RefusalLog } from './refusal-log.ts';
import { isRequestRefusal } from './request-refusal.ts';
import { logStages, sampleStages, spanStages } from './stages.ts';
import { SteadyNow } from './steady-now.ts';

export interface PipelineOptions {
  readonly spans: SpanSink;
  readonly logs: LogSink;
  readonly samples: SampleSink;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What is left out has its default. */
  readonly limits?: Partial<PipelineLimits>;
  /** For each source and each API key that has no limit of its own in `rules`. Default: none. */
  readonly rateLimit?: RateLimit;
  /** What the configuration file says. */
  readonly rules?: PipelineRules;
  /** What redaction makes its hashes with. */
  readonly redactionKey?: string;
  /** What the limits of series look at; without it they do not hold. */
  readonly knownSeries?: KnownSeries;
  /** Milliseconds since any moment, of a clock that nobody sets: it tells when the wall clock has jumped. */
  readonly elapsed?: () => number;
}

/**
 * Takes what one source brings and tells it what was refused. Each call resolves when the good items are stored, and
 * rejects with a `ServiceError` (`overloaded`, `unavailable`, or the store's own) when none counts as stored: the
 * sender may then send the same batch again.
 */
export interface Intake {
  writeSpans(spans: Flow<Span>, options?: WriteOptions): Promise<WriteOutcome>;
  writeLogs(records: Flow<LogRecord>, options?: WriteOptions): Promise<WriteOutcome>;
  /** The outcome counts samples (native histograms and exemplars among them), not series. */
  writeSamples(batch: readonly SeriesSamples[], options?: WriteOptions): Promise<WriteOutcome>;
  /** Counts a request that was refused whole; those whose items are counted (422, 429, 503) are passed over. */
  refuseRequest(signal: Signal, code: ErrorCode): void;
}

export interface Pipeline {
  /** The way in for a source (`otlp`, `json`, `host`, ...), counted under its name. */
  intake(source: string): Intake;
  /** The same for writers that have nobody to tell about refused items; those are counted all the same. */
  sink(source: string): SpanSink & LogSink & SampleSink;
  stats(): IntakeStats[];
  /** The limits in force. */
  readonly limits: PipelineLimits;
  rateLimitOf(source: string): RateLimit;
  /** Those of the configuration, of sources and keys that have sent nothing, too. */
  readonly rateLimits: RateLimitOptions;
  /** Items on their way to the store just now. */
  inFlight(): { readonly spans: number; readonly logs: number; readonly samples: number };
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const limits: PipelineLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const { clock, logger } = options;
  const inFlight = {
    spans: new InFlight(limits.inFlight.spans, 'spans'),
    logs: new InFlight(limits.inFlight.logs, 'log records'),
    samples: new InFlight(limits.inFlight.samples, 'samples'),
  };
  const one = () => 1;
  const count = ({ length }: Flow<object>) => length;
  const { rules = NO_RULES, redactionKey = '' } = options;
  const rates = new RateLimits({
    standard: options.rateLimit ?? {},
    sources: rules.sourceLimits,
    keys: rules.keyLimits,
  });
  const common = {
    limits,
    clock,
    logger,
    rates,
    refusals: new RefusalLog(logger),
    steadyNow: new SteadyNow(options.elapsed ?? (() => clock.now())),
  };
  const spans = new Lane<Span>({
    ...common,
    stages: spanStages(rules, redactionKey),
    inFlight: inFlight.spans,
    subjectOf: ({ service }) => service,
    weigh: one,
    weighAll: count,
    write: (items) => options.spans.writeSpans(items),
  });
  const logs = new Lane<LogRecord>({
    ...common,
    stages: logStages(rules, redactionKey),
    inFlight: inFlight.logs,
    subjectOf: ({ service }) => service,
    weigh: one,
    weighAll: count,
    write: (items) => options.logs.writeLogs(items),
  });
  const samples = new Lane<SeriesSamples>({
    ...common,
    stages: sampleStages(rules, options.knownSeries),
    inFlight: inFlight.samples,
    subjectOf: ({ name }) => name,
    weigh: samplesOf,
    weighAll: (batch) => {
      let samples = 0;
      batch.forEach((series) => {
        samples += samplesOf(series);
      });
      return samples;
    },
    // Series are few and refer to their samples: they go on together.
    write: async (items) => {
      const batch = collect(items);
      if (batch.length > 0) await options.samples.writeSamples(batch);
    },
  });

  const intakes = new Map<string, { readonly intake: Intake; readonly counters: readonly IntakeCounter[] }>();
  const open = (source: string): Intake => {
    const spanCounter = new IntakeCounter(source, 'spans');
    const logCounter = new IntakeCounter(source, 'logs');
    const sampleCounter = new IntakeCounter(source, 'samples');
    const counterOf = { spans: spanCounter, logs: logCounter, samples: sampleCounter };
    const intake: Intake = {
      writeSpans: (items, how) => spans.write(items, spanCounter, how),
      writeLogs: (items, how) => logs.write(items, logCounter, how),
      writeSamples: (items, how) => samples.write(items, sampleCounter, how),
      refuseRequest(signal, code) {
        if (!isRequestRefusal(code)) return;
        const counter = counterOf[signal];
        counter.received(clock.now());
        counter.refusedRequest(code);
      },
    };
    intakes.set(source, { intake, counters: Object.values(counterOf) });
    return intake;
  };
  const intake = (source: string) => intakes.get(source)?.intake ?? open(source);

  return {
    intake,
    sink: (source) => asSink(intake(source)),
    stats: () =>
      [...intakes.values()].flatMap(({ counters }) => counters.map((counter) => counter.snapshot(clock.now()))),
    limits,
    rateLimitOf: (source) => rates.of(source),
    rateLimits: rates.configured,
    inFlight: () => ({
      spans: inFlight.spans.count,
      logs: inFlight.logs.count,
      samples: inFlight.samples.count,
    }),
  };
}

function samplesOf({ timestamps, histograms, exemplars }: SeriesSamples): number {
  return timestamps.length + (histograms?.length ?? 0) + (exemplars?.length ?? 0);
}

function asSink(intake: Intake): SpanSink & LogSink & SampleSink {
  return {
    async writeSpans(spans) {
      await intake.writeSpans(spans);
    },
    async writeLogs(records) {
      await intake.writeLogs(records);
    },
    async writeSamples(batch) {
      await intake.writeSamples(batch);
    },
  };
}
