import type { Transform } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { constants, createGzip, createZstdCompress, gzip, zstdCompress } from 'node:zlib';
import type { RouteContext } from '../../../http/index.ts';
import { ByteWriter, TooManyBytesError } from './byte-writer.ts';
import { type Encoding, encodingFor } from './content-encoding.ts';
import { PrometheusError } from './errors.ts';

type Reply = Pick<RouteContext<unknown, unknown, unknown>, 'request' | 'reply' | 'signal'>;

/** What goes beside the data. */
export interface Remarks {
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

const MOST_BYTES = 512 * 1024 * 1024;
/** Below, compressing costs more than it saves. */
const SMALLEST_COMPRESSED = 1024;
/** From here on the first bytes leave before the last ones are compressed. */
const SMALLEST_STREAMED = 1024 * 1024;
/** Answers of points shrink about as well with the fastest levels. */
const GZIP = { level: 1 };
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const gzipWhole = promisify<Buffer, typeof GZIP, Buffer>(gzip);
const zstdWhole = promisify<Buffer, typeof ZSTD, Buffer>(zstdCompress);
const COMPRESSIONS: Readonly<Record<Encoding, { whole(bytes: Buffer): Promise<Buffer>; stream(): Transform }>> = {
  gzip: { whole: (bytes) => gzipWhole(bytes, GZIP), stream: () => createGzip(GZIP) },
  zstd: { whole: (bytes) => zstdWhole(bytes, ZSTD), stream: () => createZstdCompress(ZSTD) },
};

/** Answers `{"status":"success","data":...}`. */
export async function sendData(reply: Reply, data: unknown, remarks: Remarks = {}): Promise<unknown> {
  return await sendBytes(reply, 'application/json', Buffer.from(`${HEAD}${JSON.stringify(data)}${tail(remarks)}`));
}

/** Answers data that `write` puts into the bytes of the answer; between its yields others have a turn. */
export async function sendWritten(
  reply: Reply,
  write: (writer: ByteWriter) => Generator<void>,
  remarks: Remarks = {},
): Promise<unknown> {
  const writer = new ByteWriter(MOST_BYTES);
  try {
    writer.text(HEAD);
    for (const _ of write(writer)) {
      await nextTurn();
      reply.signal.throwIfAborted();
    }
    writer.text(tail(remarks));
  } catch (error) {
    if (error instanceof TooManyBytesError) throw new PrometheusError('execution', error.message, error);
    throw error;
  }
  return await sendBytes(reply, 'application/json', writer.finish());
}

/** The bytes, compressed where the client takes that. */
export async function sendBytes({ request, reply }: Reply, type: string, bytes: Buffer): Promise<unknown> {
  reply.type(type).header('vary', 'accept-encoding');
  const encoding = bytes.length < SMALLEST_COMPRESSED ? undefined : encodingFor(request.headers['accept-encoding']);
  if (!encoding) return bytes;
  reply.header('content-encoding', encoding);
  if (bytes.length < SMALLEST_STREAMED) return await COMPRESSIONS[encoding].whole(bytes);
  const stream = COMPRESSIONS[encoding].stream();
  stream.end(bytes);
  return stream;
}

const HEAD = '{"status":"success","data":';

/** As Prometheus does, without the lists that are empty. */
function tail({ warnings = [], infos = [] }: Remarks): string {
  const lists = { ...(warnings.length > 0 && { warnings }), ...(infos.length > 0 && { infos }) };
  const text = JSON.stringify(lists).slice(1);
  return text === '}' ? text : `,${text}`;
}
