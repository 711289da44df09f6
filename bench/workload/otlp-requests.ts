import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from './random.ts';
import { type PreparedRequest, RequestFileWriter, readRequestFile } from './request-file.ts';
import { WireWriter } from './wire-writer.ts';

export type OtlpSignal = 'spans' | 'logs';

const ITEMS_A_REQUEST = 1000;
const SPANS_A_TRACE = 8;
const SERVICES = ['api', 'worker', 'auth', 'gateway', 'billing'];
const ROUTES = ['/api/v1/models', '/api/v1/jobs/{id}', '/api/v1/files', '/login'];
const INNER = ['SELECT jobs', 'redis GET', 'render', 'POST /internal/auth'];
const BROWSER = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36';

/** Export requests of a thousand items each, every one different, made where the folder does not have them yet. */
export function otlpRequests(folder: string, signal: OtlpSignal, count: number): PreparedRequest[] {
  const path = join(folder, `otlp-${signal}-${count}.bin`);
  if (!existsSync(`${path}.json`)) {
    mkdirSync(folder, { recursive: true });
    const file = new RequestFileWriter(path);
    const maker = new RequestMaker(signal === 'spans' ? 11 : 12);
    for (let index = 0; index < count; index++) file.add(maker.request(signal), ITEMS_A_REQUEST);
    file.close();
  }
  return readRequestFile(path);
}

/** Field numbers of https://github.com/open-telemetry/opentelemetry-proto, packages trace.v1 and logs.v1. */
class RequestMaker {
  readonly #writer = new WireWriter();
  readonly #random: Random;
  readonly #traceId = Buffer.alloc(16);
  readonly #parentId = Buffer.alloc(8);
  readonly #spanId = Buffer.alloc(8);

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  request(signal: OtlpSignal): Buffer {
    const writer = this.#writer;
    const resource = writer.begin(1);
    this.#resource();
    const scoped = writer.begin(2);
    const scope = writer.begin(1);
    writer.text(1, signal === 'spans' ? '@opentelemetry/instrumentation-http' : 'app');
    writer.text(2, '0.57.0');
    writer.end(scope);
    const now = BigInt(Date.now()) * 1_000_000n;
    for (let index = 0; index < ITEMS_A_REQUEST; index++) {
      const item = writer.begin(2);
      if (signal === 'spans') this.#span(now, index);
      else this.#record(now, index);
      writer.end(item);
    }
    writer.end(scoped);
    writer.end(resource);
    return writer.take();
  }

  #resource(): void {
    const service = this.#random.pick(SERVICES);
    const mark = this.#writer.begin(1);
    this.#text(1, 'service.name', service);
    this.#text(1, 'service.version', '1.4.2');
    this.#text(1, 'deployment.environment', 'prod');
    this.#text(1, 'host.name', `host-${this.#random.below(40)}`);
    this.#text(1, 'k8s.pod.name', `${service}-7c9d-${this.#random.below(30)}`);
    this.#text(1, 'k8s.namespace.name', 'default');
    this.#text(1, 'telemetry.sdk.language', 'nodejs');
    this.#text(1, 'telemetry.sdk.version', '1.30.0');
    this.#writer.end(mark);
  }

  #span(now: bigint, index: number): void {
    const writer = this.#writer;
    const random = this.#random;
    const isRoot = index % SPANS_A_TRACE === 0;
    if (isRoot) random.fill(this.#traceId, 0, 16);
    random.fill(this.#spanId, 0, 8);
    const route = random.pick(ROUTES);
    const failed = random.next() < 0.02;
    const start = now + BigInt(random.below(1_000_000)) * 1000n;
    writer.bytes(1, this.#traceId);
    writer.bytes(2, this.#spanId);
    if (!isRoot) writer.bytes(4, this.#parentId);
    writer.text(5, isRoot ? `GET ${route}` : INNER[index % INNER.length]!);
    writer.varint(6, isRoot ? 2 : 1 + (index % 3));
    writer.fixed64(7, start);
    writer.fixed64(8, start + BigInt(Math.floor(1000 * Math.exp(8 * random.next()))));
    this.#spanAttributes(route, failed);
    if (random.next() < 0.1) this.#exception(start);
    const status = writer.begin(15);
    if (failed) writer.text(2, 'internal error');
    if (failed) writer.varint(3, 2);
    writer.end(status);
    if (isRoot) this.#spanId.copy(this.#parentId);
  }

  #spanAttributes(route: string, failed: boolean): void {
    const random = this.#random;
    this.#text(9, 'http.request.method', 'GET');
    this.#text(9, 'url.path', route.replace('{id}', String(random.below(100_000))));
    this.#integer(9, 'http.response.status_code', failed ? 500 : 200);
    this.#text(9, 'server.address', 'api.example.internal');
    this.#integer(9, 'server.port', 8443);
    this.#text(9, 'user_agent.original', BROWSER);
    this.#text(9, 'client.address', `10.2.${random.below(256)}.${random.below(256)}`);
    this.#text(9, 'enduser.id', `user-${random.below(5000)}`);
    this.#text(9, 'db.system', 'postgresql');
    this.#integer(9, 'db.rows', random.below(100));
    this.#attribute(9, 'cache.hit', (writer) => writer.varint(2, random.below(2)));
    this.#attribute(9, 'queue.wait', (writer) => writer.double(4, random.below(10_000) / 100));
  }

  #exception(time: bigint): void {
    const mark = this.#writer.begin(11);
    this.#writer.fixed64(1, time);
    this.#writer.text(2, 'exception');
    this.#text(3, 'exception.type', 'TimeoutError');
    this.#text(3, 'exception.message', 'upstream timed out after 5000 ms');
    this.#writer.end(mark);
  }

  #record(now: bigint, index: number): void {
    const writer = this.#writer;
    const random = this.#random;
    const chance = random.next();
    const [severity, severityText] = chance < 0.03 ? [17, 'ERROR'] : chance < 0.12 ? [13, 'WARN'] : [9, 'INFO'];
    const time = now + BigInt(random.below(1_000_000)) * 1000n;
    writer.fixed64(1, time);
    writer.varint(2, severity as number);
    writer.text(3, severityText as string);
    const body = writer.begin(5);
    writer.text(
      1,
      `request ${random.below(1_000_000)} handled by node ${random.below(50)} user=${random.below(100_000)} ` +
        `path=/api/v1/jobs/${random.below(10_000)} status=200 took ${random.below(900)}ms`,
    );
    writer.end(body);
    this.#text(6, 'logger', 'http.access');
    this.#text(6, 'thread', `worker-${index % 8}`);
    this.#integer(6, 'line', 120 + (index % 40));
    this.#text(6, 'http.request.method', 'GET');
    this.#integer(6, 'http.response.status_code', 200);
    this.#text(6, 'enduser.id', `user-${random.below(5000)}`);
    random.fill(this.#traceId, 0, 16);
    random.fill(this.#spanId, 0, 8);
    writer.bytes(9, this.#traceId);
    writer.bytes(10, this.#spanId);
    writer.fixed64(11, time + 50_000n);
  }

  #text(field: number, key: string, value: string): void {
    this.#attribute(field, key, (writer) => writer.text(1, value));
  }

  #integer(field: number, key: string, value: number): void {
    this.#attribute(field, key, (writer) => writer.varint(3, value));
  }

  #attribute(field: number, key: string, write: (writer: WireWriter) => void): void {
    const mark = this.#writer.begin(field);
    this.#writer.text(1, key);
    const value = this.#writer.begin(2);
    write(this.#writer);
    this.#writer.end(value);
    this.#writer.end(mark);
  }
}
