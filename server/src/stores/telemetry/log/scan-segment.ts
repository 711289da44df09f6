import { crc32 } from 'node:zlib';
import { findHeader, HEADER_BYTES, readHeader, type StoredHeader } from './record.ts';

/** A whole record of a segment; its body lies at `offset + HEADER_BYTES`. */
export interface ScannedRecord extends StoredHeader {
  readonly offset: number;
}

/** Bytes of a segment that are no whole record. */
export interface DamagedBytes {
  readonly offset: number;
  readonly bytes: number;
  /** What the header says, where that is whole and only the body is not. */
  readonly header?: StoredHeader;
}

export interface ScannedSegment {
  readonly records: readonly ScannedRecord[];
  readonly damaged: readonly DamagedBytes[];
  /**
   * Where an unfinished last record begins, the mark of a process that died while it wrote: nothing behind it was
   * acknowledged. `undefined` where the segment ends with a whole record, or with damage.
   */
  readonly tornAt?: number;
}

/** Reads all records of a segment and steps over what is damaged. */
export function scanSegment(bytes: Buffer): ScannedSegment {
  const records: ScannedRecord[] = [];
  const damaged: DamagedBytes[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const header = readHeader(bytes, offset);
    const end = header && offset + HEADER_BYTES + header.bodyBytes;
    if (end !== undefined && end <= bytes.length && isWhole(bytes, offset, header!)) {
      records.push({ ...header!, offset });
      offset = end;
      continue;
    }
    const next = findHeader(bytes, offset + 1);
    if (next < 0 && (header ? end! > bytes.length : bytes.length - offset < HEADER_BYTES)) {
      return { records, damaged, tornAt: offset };
    }
    const until = next < 0 ? bytes.length : next;
    damaged.push({ offset, bytes: until - offset, ...(header && { header }) });
    offset = until;
  }
  return { records, damaged };
}

function isWhole(bytes: Buffer, offset: number, header: StoredHeader): boolean {
  const start = offset + HEADER_BYTES;
  return crc32(bytes.subarray(start, start + header.bodyBytes)) === header.bodyChecksum;
}
