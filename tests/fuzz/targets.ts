import { ServiceError } from '../../server/src/model/errors.ts';
import { takeRequest } from '../../server/src/receivers/otlp/signals.ts';
import { StatsdAggregate } from '../../server/src/receivers/statsd/aggregate.ts';
import { parseStatsdLine } from '../../server/src/receivers/statsd/parse-line.ts';
import { INGEST_NOW, type IngestServer } from '../support/ingest-server.ts';
import { snappyBlock } from '../support/snappy-block.ts';
import type { Corpus } from './corpus.ts';
import type { Random } from './random.ts';

/** One way in. */
export interface Target {
  readonly name: string;
  readonly payloads: readonly Buffer[];
  /** Sends a payload; answers what came of it in a word, such as a status. Throws where that may not be. */
  send(payload: Buffer, headers: Readonly<Record<string, string>>, random: Random): Promise<string>;
}

interface HttpTarget {
  readonly path: string;
  readonly type: string;
  /** Statuses that the protocol knows for a body of any kind. */
  readonly statuses: readonly number[];
  readonly payloads: readonly Buffer[];
  readonly method?: 'POST' | 'PUT';
  /** What the wire wants around the payload. */
  readonly wrap?: (payload: Buffer) => Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

const OTLP = [200, 400, 413, 415];
const JSON_STATUSES = [202, 400, 413, 415, 422];
const PROTOBUF = 'application/x-protobuf';
const SNAPPY = {
  wrap: (payload: Buffer) => Buffer.from(snappyBlock(payload)),
  headers: { 'content-encoding': 'snappy' },
};

/** Every receiver of telemetry, with the payloads of the corpus that it understands. */
export function targetsOf(server: IngestServer, corpus: Corpus): Target[] {
  const http = (['traces', 'metrics', 'logs'] as const).flatMap((signal): HttpTarget[] => [
    { path: `/v1/${signal}`, type: PROTOBUF, statuses: OTLP, payloads: corpus.otlpProtobuf[signal] },
    { path: `/v1/${signal}`, type: 'application/json', statuses: OTLP, payloads: corpus.otlpJson[signal] },
  ]);
  const write = { path: '/api/v1/write', statuses: [204, 400, 413, 415], ...SNAPPY };
  http.push(
    { ...write, type: `${PROTOBUF};proto=prometheus.WriteRequest`, payloads: corpus.remoteWriteV1 },
    { ...write, type: `${PROTOBUF};proto=io.prometheus.write.v2.Request`, payloads: corpus.remoteWriteV2 },
    { path: '/api/v2/spans', type: 'application/json', statuses: [202, 400, 413, 415], payloads: corpus.zipkin },
  );
  for (const type of ['text/plain', 'application/openmetrics-text']) {
    const statuses = [200, 400, 413, 415, 422];
    http.push({ path: '/metrics/job/fuzz', type, statuses, payloads: corpus.exposition });
    http.push({ path: '/metrics/job/fuzz/kind/put', type, statuses, payloads: corpus.exposition, method: 'PUT' });
  }
  for (const [path, payloads] of Object.entries(corpus.json)) {
    for (const type of ['application/json', 'application/x-ndjson']) {
      http.push({ path, type, statuses: JSON_STATUSES, payloads });
    }
  }
  return [...http.map((target) => overHttp(server.app, target)), ...grpcTargets(server, corpus), statsd(corpus)];
}

export function overHttp(app: IngestServer['app'], target: HttpTarget): Target {
  const { path, type, statuses, method = 'POST', wrap = (payload) => payload } = target;
  return {
    name: `${method} ${path} ${type}`,
    payloads: target.payloads,
    async send(payload, headers) {
      const answer = await app.inject({
        method,
        url: path,
        headers: { 'content-type': type, ...target.headers, ...headers },
        payload: wrap(payload),
      });
      if (!statuses.includes(answer.statusCode)) {
        throw new Error(`status ${answer.statusCode} is not of this protocol: ${answer.body.slice(0, 300)}`);
      }
      if (/json/.test(String(answer.headers['content-type'] ?? ''))) JSON.parse(answer.body);
      if (/\bat .*\.ts:\d+/.test(answer.body)) throw new Error(`a stack trace in the answer: ${answer.body}`);
      return String(answer.statusCode);
    },
  };
}

/** The decoders behind gRPC, as its server calls them. */
function grpcTargets(server: IngestServer, corpus: Corpus): Target[] {
  return (['traces', 'metrics', 'logs'] as const).map((name, index) => ({
    name: `gRPC ${name}`,
    payloads: corpus.otlpProtobuf[name],
    async send(payload) {
      try {
        const rejected = await takeRequest(server.signals[index]!, payload, 'protobuf', 'fuzz');
        return rejected.length > 0 ? 'partial' : 'ok';
      } catch (error) {
        if (error instanceof ServiceError && error.code !== 'internal') return error.code;
        throw error;
      }
    },
  }));
}

function statsd(corpus: Corpus): Target {
  return {
    name: 'StatsD',
    payloads: corpus.statsd,
    async send(payload) {
      const aggregate = new StatsdAggregate();
      let taken = 0;
      for (const line of payload.toString('utf8').split(/\r?\n/)) {
        const metric = parseStatsdLine(line);
        if (typeof metric !== 'string' && aggregate.add(metric, INGEST_NOW)) taken++;
      }
      for (const { values } of aggregate.flush(INGEST_NOW, INGEST_NOW - 1)) {
        for (const value of Array.from(values)) if (Number.isNaN(value)) throw new Error('a value is not a number');
      }
      return taken > 0 ? 'taken' : 'refused';
    },
  };
}
