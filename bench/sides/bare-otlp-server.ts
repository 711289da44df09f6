/**
 * The bare pipeline: OTLP over HTTP into the embedded ClickHouse and nothing else. No checks, no limits, no keys, no
 * series, no derived figures; an answer is given after the insert. What our service does besides is what it costs more.
 * `node bare-otlp-server.ts FOLDER PORT`
 */
import { rmSync } from 'node:fs';
import { unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { LOG_COLUMNS, logRows, SPAN_COLUMNS, spanRows } from './bare-otlp-rows.ts';
import { RowBuffer } from './row-buffer.ts';

interface Engine {
  queryAsync(sql: string, options?: { format: string }): Promise<{ text(): string }>;
  close(): void;
}
const { Session } = createRequire(import.meta.url)('chdb') as { Session: new (path: string) => Engine };

const ROWS_A_BLOCK = 50_000;
const BLOCK_WAITS_MS = 500;
const BLOCK_BYTES = 16 * 1024 * 1024;

const [folder = '', port = ''] = process.argv.slice(2);
const engine = new Session(join(folder, 'engine'));
const TEXTS = 'Map(LowCardinality(String), String) CODEC(ZSTD(1))';
const TRACE_INDEX = 'INDEX by_trace trace_id TYPE bloom_filter(0.01) GRANULARITY 1';
await engine.queryAsync('CREATE DATABASE bare');
await engine.queryAsync(`CREATE TABLE bare.spans (
  trace_id FixedString(16), span_id FixedString(8), parent_id FixedString(8), name LowCardinality(String), kind UInt8,
  start DateTime64(9) CODEC(Delta(8), ZSTD(1)), end DateTime64(9) CODEC(Delta(8), ZSTD(1)), status UInt8,
  service LowCardinality(String), attributes ${TEXTS}, resource ${TEXTS},
  events Array(LowCardinality(String)) CODEC(ZSTD(1)), ${TRACE_INDEX}
) ENGINE = MergeTree ORDER BY (service, name, start) PARTITION BY toDate(start)`);
await engine.queryAsync(`CREATE TABLE bare.logs (
  time DateTime64(9) CODEC(Delta(8), ZSTD(1)), severity UInt8, trace_id FixedString(16), span_id FixedString(8),
  body String CODEC(ZSTD(1)), service LowCardinality(String), attributes ${TEXTS}, resource ${TEXTS}, ${TRACE_INDEX},
  INDEX by_word lower(body) TYPE text(tokenizer = 'splitByNonAlpha', posting_list_codec = 'bitpacking')
) ENGINE = MergeTree ORDER BY (service, time) PARTITION BY toDate(time)`);

/** Two blocks a table: one is filled while the other is inserted. */
class Table {
  readonly #insert: (file: string) => string;
  #filling = new RowBuffer(BLOCK_BYTES);
  #spare = new RowBuffer(BLOCK_BYTES);
  #rows = 0;
  #answers: (() => void)[] = [];
  #busy = false;

  constructor(insert: (file: string) => string) {
    this.#insert = insert;
    setInterval(() => void this.#flush(), BLOCK_WAITS_MS).unref();
  }

  add(decode: (rows: RowBuffer) => number): Promise<void> {
    this.#rows += decode(this.#filling);
    const inserted = new Promise<void>((resolve) => this.#answers.push(resolve));
    if (this.#rows >= ROWS_A_BLOCK) void this.#flush();
    return inserted;
  }

  async #flush(): Promise<void> {
    if (this.#busy || this.#rows === 0) return;
    this.#busy = true;
    const block = this.#filling;
    const answers = this.#answers;
    this.#filling = this.#spare;
    this.#rows = 0;
    this.#answers = [];
    const file = join(folder, `${crypto.randomUUID()}.bin`);
    await writeFile(file, block.view());
    await engine.queryAsync(this.#insert(file));
    await unlink(file);
    block.clear();
    this.#spare = block;
    this.#busy = false;
    for (const answer of answers) answer();
    if (this.#rows >= ROWS_A_BLOCK) void this.#flush();
  }
}

const nanoseconds = (name: string) => `fromUnixTimestamp64Nano(${name}) AS ${name}`;
const spans = new Table(
  (file) =>
    `INSERT INTO bare.spans SELECT * REPLACE (${nanoseconds('start')}, ${nanoseconds('end')}) ` +
    `FROM file('${file}', 'RowBinary', '${SPAN_COLUMNS}') SETTINGS max_threads = 1`,
);
const logs = new Table(
  (file) =>
    `INSERT INTO bare.logs SELECT * REPLACE (${nanoseconds('time')}) ` +
    `FROM file('${file}', 'RowBinary', '${LOG_COLUMNS}') SETTINGS max_threads = 1`,
);

async function storedBytes(): Promise<string> {
  const sql = "SELECT sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'bare'";
  return (await engine.queryAsync(sql, { format: 'TabSeparated' })).text();
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.once('end', async () => {
    try {
      const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      let text = '';
      if (request.url === '/v1/traces') await spans.add((rows) => spanRows(body, rows));
      else if (request.url === '/v1/logs') await logs.add((rows) => logRows(body, rows));
      else text = await storedBytes();
      response.writeHead(200, { 'content-length': text.length });
      response.end(text);
    } catch (error) {
      console.error(error);
      response.writeHead(500).end();
    }
  });
});
server.listen(Number(port), '127.0.0.1');
process.once('SIGTERM', () => {
  engine.close();
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
