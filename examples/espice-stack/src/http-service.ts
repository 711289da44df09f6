import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { activeFaults, FAULTS, type Fault, setFault, suffer } from './faults.ts';
import { log } from './log.ts';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Handlers by method and first path segment: `POST /jobs`. `id` is the second segment. */
export type Handlers = Readonly<
  Record<string, (input: { id: string; body: Record<string, unknown> }) => Promise<Answer> | Answer>
>;

/** Serves the handlers on loopback, on the port that the environment variable PORT names. */
export function serve(handlers: Handlers): void {
  createServer((incoming, outgoing) => {
    void handle(handlers, incoming).then(
      (answer) => send(outgoing, answer),
      (error: Error) => {
        trace.getActiveSpan()?.recordException(error);
        trace.getActiveSpan()?.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
        log.error('request failed', { 'error.message': error.message, path: incoming.url ?? '' });
        send(outgoing, { status: 500, body: { error: error.message } });
      },
    );
  }).listen(Number(process.env.PORT), '127.0.0.1');
}

async function handle(handlers: Handlers, incoming: IncomingMessage): Promise<Answer> {
  const [, resource = '', id = ''] = (incoming.url ?? '/').split('/');
  const body = await readJson(incoming);
  if (resource === 'ready') return { status: 200, body: {} };
  if (resource === 'faults') return switchFault(body);
  const handler = handlers[`${incoming.method} /${resource}`];
  if (!handler) return { status: 404, body: { error: `nothing at ${incoming.url}` } };
  trace.getActiveSpan()?.updateName(`${incoming.method} /${resource}${id === '' ? '' : '/{id}'}`);
  await suffer();
  return handler({ id, body });
}

function switchFault(body: Record<string, unknown>): Answer {
  const { fault, enabled } = body;
  if (fault === undefined) return { status: 200, body: { active: activeFaults() } };
  if (!FAULTS.includes(fault as Fault) || typeof enabled !== 'boolean') {
    return { status: 422, body: { error: `send {"fault": one of ${FAULTS.join(', ')}, "enabled": true or false}` } };
  }
  setFault(fault as Fault, enabled);
  return { status: 200, body: { active: activeFaults() } };
}

async function readJson(incoming: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

function send(outgoing: ServerResponse, { status, body }: Answer): void {
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/**
 * Calls another service of the stack; where they live comes from STACK_PORTS (`gateway=4000,...`).
 *
 * @throws Error where the answer is 500 or above, or none comes.
 */
export async function call<Body>(service: string, method: 'GET' | 'POST', path: string, body?: unknown): Promise<Body> {
  const { promise, resolve, reject } = Promise.withResolvers<Body>();
  const outgoing = request(
    {
      host: '127.0.0.1',
      port: portOf(service),
      method,
      path,
      headers: { 'content-type': 'application/json' },
      timeout: 10_000,
    },
    (incoming) => {
      readJson(incoming).then((answer) => {
        if ((incoming.statusCode ?? 500) >= 500) reject(new Error(`${service} answered ${incoming.statusCode}`));
        else resolve(answer as Body);
      }, reject);
    },
  );
  outgoing.on('error', reject);
  outgoing.on('timeout', () => outgoing.destroy(new Error(`${service} did not answer`)));
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}

function portOf(service: string): number {
  const entry = (process.env.STACK_PORTS ?? '').split(',').find((pair) => pair.startsWith(`${service}=`));
  return Number(entry?.split('=')[1]);
}
