import { type Authenticator, createHttpServer, type Route } from '../../server/src/http/index.ts';
import type { Attributes } from '../../server/src/model/attributes.ts';
import type { Clock } from '../../server/src/model/clock.ts';
import type { Flow } from '../../server/src/model/flow.ts';
import type { LogRecord } from '../../server/src/model/log-record.ts';
import type { SeriesSamples } from '../../server/src/model/metric.ts';
import type { StoredSpan } from '../../server/src/model/span.ts';
import { createPipeline, type Pipeline } from '../../server/src/pipeline/index.ts';
import { jsonIngestRoutes } from '../../server/src/receivers/json/index.ts';
import { type OtlpSignal, otlpRoutes, otlpSignals } from '../../server/src/receivers/otlp/index.ts';
import { pushRoutes } from '../../server/src/receivers/push/index.ts';
import { remoteWriteRoutes } from '../../server/src/receivers/remote-write/index.ts';
import { zipkinRoutes } from '../../server/src/receivers/zipkin/index.ts';
import { unpackLog, unpackSpan } from './packed-signals.ts';

export interface Stored {
  readonly spans: StoredSpan[];
  readonly logs: LogRecord<Attributes>[];
  readonly samples: SeriesSamples[];
}

export interface IngestServer {
  readonly app: Awaited<ReturnType<typeof createHttpServer>>;
  readonly stored: Stored;
  readonly pipeline: Pipeline;
  /** For other carriers of OTLP. */
  readonly signals: readonly OtlpSignal[];
  /** Set to make every write fail with it. */
  failure: unknown;
}

export const INGEST_NOW = Date.UTC(2026, 10, 23, 10);
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** The real receivers on a real HTTP server and the real pipeline; what would go to the store is kept in lists. */
export async function createIngestServer(
  limits: Parameters<typeof createPipeline>[0]['limits'] = {},
  authenticator: Authenticator = { open: true, authenticate: async () => undefined },
  more: Partial<Parameters<typeof createPipeline>[0]> = {},
): Promise<IngestServer> {
  const stored: Stored = { spans: [], logs: [], samples: [] };
  const clock: Clock = { now: () => INGEST_NOW, setTimer: () => ({ cancel() {} }) };
  const keep = async <Item, Kept>(list: Kept[], items: Flow<Item>, unpack: (item: Item) => Kept) => {
    const kept: Kept[] = [];
    items.forEach((item) => {
      kept.push(unpack(item));
    });
    if (server.failure) throw server.failure;
    for (const item of kept) list.push(item);
  };
  const pipeline = createPipeline({
    spans: { writeSpans: (items) => keep(stored.spans, items, unpackSpan) },
    logs: { writeLogs: (items) => keep(stored.logs, items, unpackLog) },
    samples: { writeSamples: (items) => keep(stored.samples, items, (item) => item) },
    clock,
    logger: silent,
    limits,
    ...more,
  });
  const signals = otlpSignals({ intake: pipeline.intake('otlp'), clock });
  const routes: Route[] = [
    ...otlpRoutes(signals, silent),
    ...jsonIngestRoutes({ intake: pipeline.intake('json'), clock }),
    ...zipkinRoutes({ intake: pipeline.intake('zipkin') }),
    ...pushRoutes({ intake: pipeline.intake('push'), clock }),
    ...remoteWriteRoutes({ intake: pipeline.intake('remote-write'), logger: silent }),
  ];
  const app = await createHttpServer({
    routes,
    guards: {
      authenticator,
      allowedOrigins: [],
      allowedHosts: undefined,
    },
    logger: silent,
    trustProxy: false,
    checkAnswers: true,
  });
  const server: IngestServer = { app, stored, pipeline, signals, failure: undefined };
  return server;
}

/** A text for each series: `name{a="b"}`, with its values, so that expectations read like PromQL. */
export function seriesText(series: readonly SeriesSamples[]): Record<string, number[]> {
  return Object.fromEntries(
    series.map(({ name, labels, values }) => {
      const pairs = Object.keys(labels)
        .sort()
        .map((label) => `${label}=${JSON.stringify(labels[label])}`);
      return [pairs.length > 0 ? `${name}{${pairs.join(',')}}` : name, Array.from(values)];
    }),
  );
}
