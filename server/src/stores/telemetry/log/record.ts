import { crc32 } from 'node:zlib';

/**
 * The format of the write-ahead log: records one after another, each a header of 64 bytes and a body.
 *
 * | offset | bytes | header, little-endian                                                     |
 * |--------|-------|---------------------------------------------------------------------------|
 * | 0      | 4     | `WAL1`, by which the next record is found behind a damaged one             |
 * | 4      | 4     | CRC-32 of the header's bytes from 8 on                                     |
 * | 8      | 1     | kind                                                                       |
 * | 12     | 4     | rows of the block, or of all blocks of the cut                             |
 * | 16     | 4     | length of the body                                                         |
 * | 20     | 4     | CRC-32 of the body                                                         |
 * | 24     | 8     | sequence                                                                   |
 * | 32     | 8     | rows of all blocks before this record: a gap thus tells how much it held   |
 * | 40     | 24    | table, padded with zeros                                                   |
 */
export const HEADER_BYTES = 64;

const MAGIC = Buffer.from('WAL1');
const TABLE_BYTES = 24;

/**
 * `begin` opens a segment; its body is the id of the log, its sequence that of the next block. `block` holds rows in
 * ClickHouse's Native format. `cut` joins the blocks of a table up to its sequence to one insert; its body is a
 * `CutBody`. `done` says that the insert with this sequence is in the table.
 */
export type RecordKind = 'begin' | 'block' | 'cut' | 'done';

const KINDS: readonly RecordKind[] = ['begin', 'block', 'cut', 'done'];

export interface RecordHeader {
  readonly kind: RecordKind;
  readonly table: string;
  readonly rows: number;
  readonly sequence: number;
  readonly rowsBefore: number;
}

export interface StoredHeader extends RecordHeader {
  readonly bodyBytes: number;
  readonly bodyChecksum: number;
}

/** Throws `RangeError` where the name of the table is too long. */
export function encodeHeader(header: RecordHeader, body: Uint8Array): Buffer {
  if (header.table.length > TABLE_BYTES) throw new RangeError(`the name of the table ${header.table} is too long`);
  const bytes = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(bytes);
  bytes[8] = KINDS.indexOf(header.kind);
  bytes.writeUInt32LE(header.rows, 12);
  bytes.writeUInt32LE(body.byteLength, 16);
  bytes.writeUInt32LE(crc32(body), 20);
  writeWhole(bytes, header.sequence, 24);
  writeWhole(bytes, header.rowsBefore, 32);
  bytes.write(header.table, 40, 'latin1');
  bytes.writeUInt32LE(crc32(bytes.subarray(8)), 4);
  return bytes;
}

/** The header at `offset`, or `undefined` where there is none that is whole. */
export function readHeader(bytes: Buffer, offset: number): StoredHeader | undefined {
  if (offset + HEADER_BYTES > bytes.length || MAGIC.compare(bytes, offset, offset + 4) !== 0) return undefined;
  if (crc32(bytes.subarray(offset + 8, offset + HEADER_BYTES)) !== bytes.readUInt32LE(offset + 4)) return undefined;
  const kind = KINDS[bytes[offset + 8]!];
  if (!kind) return undefined;
  return {
    kind,
    rows: bytes.readUInt32LE(offset + 12),
    bodyBytes: bytes.readUInt32LE(offset + 16),
    bodyChecksum: bytes.readUInt32LE(offset + 20),
    sequence: readWhole(bytes, offset + 24),
    rowsBefore: readWhole(bytes, offset + 32),
    table: bytes.toString('latin1', offset + 40, offset + HEADER_BYTES).replace(/\0+$/, ''),
  };
}

/** Where the next whole header behind `offset` begins; -1 where there is none. */
export function findHeader(bytes: Buffer, offset: number): number {
  for (let at = bytes.indexOf(MAGIC, offset); at >= 0; at = bytes.indexOf(MAGIC, at + 1)) {
    if (readHeader(bytes, at)) return at;
  }
  return -1;
}

/** What a cut joins: `count` blocks, the first with the sequence `first`. */
export interface CutBody {
  readonly first: number;
  readonly count: number;
}

export function encodeCut({ first, count }: CutBody): Buffer {
  const body = Buffer.alloc(16);
  writeWhole(body, first, 0);
  writeWhole(body, count, 8);
  return body;
}

export function readCut(body: Buffer): CutBody {
  return { first: readWhole(body, 0), count: readWhole(body, 8) };
}

/** Whole numbers up to 2^53 as 64 bits. */
function writeWhole(bytes: Buffer, value: number, offset: number): void {
  bytes.writeUInt32LE(value % 0x1_0000_0000, offset);
  bytes.writeUInt32LE(Math.floor(value / 0x1_0000_0000), offset + 4);
}

function readWhole(bytes: Buffer, offset: number): number {
  return bytes.readUInt32LE(offset + 4) * 0x1_0000_0000 + bytes.readUInt32LE(offset);
}
