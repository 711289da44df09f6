/**
 * A ClickHouse server in small: the HTTP interface that `@clickhouse/client` speaks, over the embedded engine, which is
 * the same code as the server's. Settings of a request hold for that request; `query_id`, `KILL QUERY`, users, the
 * status and header of an exception, and a client that goes away are as the server has them.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Fault, ServerOptions } from './click-house-server.ts';

interface Engine {
  queryAsync(sql: string, options: { format: string }): Promise<{ bytes(): Uint8Array }>;
  close(): void;
}
const { Session, drainPending } = createRequire(import.meta.url)('chdb') as {
  Session: new (path: string, options?: { connectionArgs: string[] }) => Engine;
  drainPending(): Promise<void>;
};

const options = JSON.parse(process.argv[2]!) as ServerOptions;
const incoming = join(options.path, 'incoming');
rmSync(incoming, { recursive: true, force: true });
mkdirSync(incoming, { recursive: true });
const engine = join(options.path, 'engine');
// Held open, so that the engine stays.
const keeper = new Session(engine, { connectionArgs: [`--max_server_memory_usage=${1024 ** 3}`] });

const faults: Fault[] = [];
process.on('message', (fault: Fault) => {
  faults.push(fault);
  process.send!('armed');
});
// The test that started it has gone.
process.on('disconnect', () => process.exit(0));

/** Parameters of the interface itself; all others are settings. */
const RESERVED = new Set(['query', 'query_id', 'database', 'default_format', 'wait_end_of_query', 'buffer_size']);
const STATUS: Readonly<Record<number, number>> = { 60: 404, 62: 400, 81: 404, 159: 408, 497: 403, 516: 403 };

class Exception extends Error {
  readonly code: number;
  constructor(code: number, text: string) {
    super(text);
    this.code = code;
  }
}

/** Put before every query, so that it can be found by its id; as long for all. */
const markOf = (id: string) => `/* ${id} */ `;
const MARK_LENGTH = markOf(randomUUID()).length;

/** What the request asks for: the SQL is in the address where data follow it in the body. */
interface Asked {
  readonly sql: string;
  readonly data: Buffer | undefined;
  readonly parameters: URLSearchParams;
}

function read(request: IncomingMessage, body: Buffer): Asked {
  const url = new URL(request.url!, 'http://server');
  authenticate(request, url);
  const sql = url.searchParams.get('query');
  return { sql: sql ?? body.toString(), data: sql === null ? undefined : body, parameters: url.searchParams };
}

async function run({ sql, data, parameters }: Asked, wanted: string, id: string): Promise<Uint8Array> {
  const format = wanted || parameters.get('default_format') || 'TabSeparated';
  const session = new Session(engine);
  try {
    const database = parameters.get('database');
    if (database !== null) await session.queryAsync(`USE \`${database}\``, { format });
    await apply(session, parameters);
    return (await session.queryAsync(markOf(id) + withData(sql, data), { format })).bytes();
  } catch (error) {
    throw toException(error);
  } finally {
    session.close();
  }
}

function authenticate({ headers }: IncomingMessage, url: URL): void {
  const [, basic] = /^Basic (.+)$/.exec(headers.authorization ?? '') ?? [];
  const [user, ...rest] = basic ? Buffer.from(basic, 'base64').toString().split(':') : [];
  const name = user ?? headers['x-clickhouse-user'] ?? url.searchParams.get('user') ?? 'default';
  const password = user === undefined ? (headers['x-clickhouse-key'] ?? '') : rest.join(':');
  if (name === options.user && password === options.password) return;
  throw new Exception(
    516,
    `${name}: Authentication failed: password is incorrect, or there is no user with such name.. (AUTHENTICATION_FAILED)`,
  );
}

function takeFault(sql: string): Fault | undefined {
  const index = faults.findIndex((fault) => sql.includes(fault.on));
  return index < 0 ? undefined : faults.splice(index, 1)[0];
}

/** Settings of the request; `readonly` last, since nothing can be changed after it. */
async function apply(session: Engine, parameters: URLSearchParams): Promise<void> {
  const settings = [...parameters].filter(([name]) => !RESERVED.has(name));
  const assignment = ([name, value]: [string, string]) =>
    `${name} = ${/^-?[\d.]+$/.test(value) ? value : `'${value.replace(/[\\']/g, '\\$&')}'`}`;
  const first = settings.filter(([name]) => name !== 'readonly');
  const last = settings.filter(([name]) => name === 'readonly');
  for (const some of [first, last]) {
    if (some.length > 0) await session.queryAsync(`SET ${some.map(assignment).join(', ')}`, { format: 'TabSeparated' });
  }
}

/** What the engine does not know: a query's id, and data that follow an INSERT. */
function withData(sql: string, data: Buffer | undefined): string {
  const known = sql.replace(/query_id = '([^']{36})'/g, "startsWith(query, '/* $1 */')");
  const insert = data && /^(INSERT INTO \S+) FORMAT (\w+)$/.exec(sql);
  if (!insert) return known;
  const file = join(incoming, randomUUID());
  writeFileSync(file, data);
  return `${insert[1]} SELECT * FROM file('${file}', '${insert[2]}')`;
}

function toException(error: unknown): Exception {
  const { clickhouseCode, message } = error as { clickhouseCode?: number; message: string };
  const text = message
    .replace(/^Code: \d+\. DB::Exception: /, '')
    .replace(/at position (\d+)/, (_, position) => `at position ${Math.max(1, Number(position) - MARK_LENGTH)}`);
  return new Exception(clickhouseCode ?? 1002, text);
}

async function kill(id: string): Promise<void> {
  const session = new Session(engine);
  await session
    .queryAsync(`KILL QUERY WHERE startsWith(query, '${markOf(id).trim()}') ASYNC`, { format: 'TabSeparated' })
    .catch(() => undefined);
  session.close();
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const asked = read(request, Buffer.concat(chunks));
    const fault = takeFault(asked.sql);
    if (fault?.do === 'drop') return void request.socket.destroy();
    if (fault?.do === 'fail') throw new Exception(fault.code, fault.message);
    const id = (asked.parameters.get('query_id') ?? randomUUID()).slice(0, 36).padEnd(36);
    if (asked.parameters.get('cancel_http_readonly_queries_on_client_close') === '1') {
      response.once('close', () => void (response.writableFinished || kill(id)));
    }
    const bytes = await run(asked, String(request.headers['x-clickhouse-format'] ?? ''), id);
    if (fault?.do === 'drop-after') return void request.socket.destroy();
    response.writeHead(200, { 'content-length': bytes.length });
    if (fault?.do === 'drop-half') response.write(bytes.subarray(0, bytes.length / 2), () => request.socket.destroy());
    else response.end(bytes);
  } catch (error) {
    const { code = 1002, message } = error as Exception;
    response
      .writeHead(STATUS[code] ?? 500, { 'content-type': 'text/plain', 'x-clickhouse-exception-code': String(code) })
      .end(`Code: ${code}. DB::Exception: ${message} (version 26.7.2.1 (official build))\n`);
  }
}

const server = options.tls ? createTlsServer(options.tls, answer) : createServer(answer);
server.keepAliveTimeout = 3000;
server.listen(options.port, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }));
process.once('SIGTERM', async () => {
  server.close();
  server.closeAllConnections();
  keeper.close();
  await drainPending();
  process.exit(0);
});
