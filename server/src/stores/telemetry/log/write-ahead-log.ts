import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '../../../model/clock.ts';
import { ServiceError } from '../../../model/errors.ts';
import type { Logger } from '../../../model/logger.ts';
import { encodeCut, encodeHeader, type RecordKind } from './record.ts';
import { type LoggedBlock, type Recovery, recover, segmentName } from './recovery.ts';

/** `1s`: synchronised every second, so that a power cut takes at most the last second. `always`: before each answer. */
export type FsyncMode = '1s' | 'always';

export interface WriteAheadLogOptions {
  /** The folder of the segments; made where it is missing. */
  readonly path: string;
  readonly fsync: FsyncMode;
  readonly clock: Clock;
  readonly logger: Logger;
  /** A segment that has reached this is closed; the next begins. Default 64 MiB. */
  readonly segmentBytes?: number;
  /** Throws where nothing may be written: the disk is nearly full. */
  readonly checkSpace?: () => void;
}

export interface WriteAheadLogStats {
  readonly segments: number;
  readonly bytes: number;
  /** Written and not yet synchronised with the disk, bytes. */
  readonly unsyncedBytes: number;
  readonly appendedBlocks: number;
  readonly appendedBytes: number;
  readonly failedAppends: number;
  readonly syncs: number;
  /** Why nothing more can be promised until a restart, if so. */
  readonly failure?: string;
}

interface Segment {
  readonly number: number;
  readonly path: string;
  bytes: number;
  /** Its blocks that are not known to be in their table. */
  openBlocks: number;
  /** Kept under another name when it is no longer needed, for whoever wants to know what happened. */
  readonly damaged: boolean;
}

interface Waiting {
  readonly kind: RecordKind;
  readonly table: string;
  readonly rows: number;
  /** Of a block it is given when it is written. */
  readonly sequence: number | undefined;
  readonly body: Uint8Array;
  readonly resolve: (sequence: number) => void;
  readonly reject: (error: unknown) => void;
}

const SYNC_MS = 1000;
const SEGMENT_BYTES = 64 * 1024 * 1024;
const MOST_RECORDS_A_WRITE = 400;
/**
 * So many sequences are left out behind an end that is not whole. Blocks that were lost there may have been inserted:
 * an insert with the same token again would be taken for a repetition, and dropped.
 */
const LOST_SEQUENCES = 2 ** 32;
const NOTHING = new Uint8Array(0);

/**
 * What was accepted, on disk before it is in its table. Blocks that arrive together are written together; a table's
 * blocks are later cut into inserts, and a segment is removed when all its blocks, and those before it, are done.
 */
export class WriteAheadLog {
  readonly id: string;
  readonly #options: WriteAheadLogOptions;
  readonly #segments: Segment[];
  /** By table: blocks whose insert is not done, in order. */
  readonly #open = new Map<string, { sequence: number; segment: Segment }[]>();
  #handle: FileHandle | undefined;
  #waiting: Waiting[] = [];
  #loop: Promise<void> | undefined;
  #sequence: number;
  #rows: number;
  #segmentNumber: number;
  #unsynced = 0;
  #syncTimer: Timer | undefined;
  #syncing: Promise<void> | undefined;
  #syncFailure: unknown;
  #appendedBlocks = 0;
  #appendedBytes = 0;
  #failedAppends = 0;
  #syncs = 0;
  #closed = false;

  private constructor(options: WriteAheadLogOptions, recovery: Recovery) {
    this.#options = options;
    this.id = recovery.id ?? randomUUID();
    this.#sequence = recovery.nextSequence - 1 + (recovery.endsWhole ? 0 : LOST_SEQUENCES);
    this.#rows = recovery.rowsBefore;
    this.#segmentNumber = recovery.segments.at(-1)?.number ?? 0;
    this.#segments = recovery.segments.map(({ number, path, bytes, damaged }) => ({
      number,
      path,
      bytes,
      openBlocks: 0,
      damaged,
    }));
    for (const [index, { blocks }] of recovery.segments.entries()) {
      for (const { table, sequence } of blocks) {
        if (sequence > (recovery.doneThrough.get(table) ?? 0)) this.#opened(table, sequence, this.#segments[index]!);
      }
    }
  }

  /** Reads what an earlier process left, then goes on in a segment of its own. */
  static async open(options: WriteAheadLogOptions): Promise<{ log: WriteAheadLog; recovery: Recovery }> {
    mkdirSync(options.path, { recursive: true });
    const recovery = await recover(options.path);
    return { log: new WriteAheadLog(options, recovery), recovery };
  }

  /**
   * Resolves with the block's sequence when it is as safe as the mode promises. Rejects with `disk_full` or
   * `unavailable` when it does not count as written.
   */
  async append(table: string, rows: number, block: Uint8Array): Promise<number> {
    // Only new data is refused when space is short: moving what is there into the tables frees some.
    this.#options.checkSpace?.();
    return await this.#write('block', table, rows, undefined, block);
  }

  /**
   * Writes down that these blocks become one insert, on disk before it begins, so that its repetition after a crash
   * has the same rows. Resolves with the deduplication token of the insert.
   */
  async cut(table: string, blocks: readonly LoggedBlock[]): Promise<string> {
    const through = blocks.at(-1)!.sequence;
    const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
    const body = encodeCut({ first: blocks[0]!.sequence, count: blocks.length });
    await this.#write('cut', table, rows, through, body);
    await this.#synchronise();
    return this.tokenOf(table, through);
  }

  tokenOf(table: string, through: number): string {
    return `${this.id}-${table}-${through}`;
  }

  /** The insert that ended with this block is in its table: the log may forget it. */
  async done(table: string, through: number): Promise<void> {
    // A repeated insert is recognised by its token: nothing depends on this record being there.
    await this.#write('done', table, 0, through, NOTHING).catch(() => undefined);
    const open = this.#open.get(table) ?? [];
    while (open.length > 0 && open[0]!.sequence <= through) open.shift()!.segment.openBlocks--;
    await this.release();
  }

  #opened(table: string, sequence: number, segment: Segment): void {
    const open = this.#open.get(table);
    if (open) open.push({ sequence, segment });
    else this.#open.set(table, [{ sequence, segment }]);
    segment.openBlocks++;
  }

  #write(
    kind: RecordKind,
    table: string,
    rows: number,
    sequence: number | undefined,
    body: Uint8Array,
  ): Promise<number> {
    if (this.#closed) return Promise.reject(new ServiceError('unavailable', 'the telemetry store is closing'));
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#waiting.push({ kind, table, rows, sequence, body, resolve, reject });
    this.#loop ??= this.#run();
    return promise;
  }

  async #run(): Promise<void> {
    // What else comes in this turn is written with it.
    await Promise.resolve();
    while (this.#waiting.length > 0) await this.#writeNext(this.#waiting.splice(0, MOST_RECORDS_A_WRITE));
    this.#loop = undefined;
  }

  async #writeNext(records: readonly Waiting[]): Promise<void> {
    const before = { sequence: this.#sequence, rows: this.#rows };
    try {
      if (this.#syncFailure) throw this.#syncFailure;
      const segment = await this.#currentSegment();
      const sequences = await this.#writeTo(segment, records);
      for (const [index, record] of records.entries()) {
        const sequence = sequences[index]!;
        if (record.kind === 'block') {
          this.#opened(record.table, sequence, segment);
          this.#appendedBlocks++;
        }
        record.resolve(sequence);
      }
    } catch (error) {
      this.#sequence = before.sequence;
      this.#rows = before.rows;
      this.#failedAppends += records.length;
      const reason = toAppendError(error);
      for (const record of records) record.reject(reason);
    }
  }

  async #writeTo(segment: Segment, records: readonly Waiting[]): Promise<number[]> {
    const pieces: Uint8Array[] = [];
    const sequences: number[] = [];
    for (const { kind, table, rows, sequence = ++this.#sequence, body } of records) {
      pieces.push(encodeHeader({ kind, table, rows, sequence, rowsBefore: this.#rows }, body));
      if (body.byteLength > 0) pieces.push(body);
      if (kind === 'block') this.#rows += rows;
      sequences.push(sequence);
    }
    const written = await this.#writeAll(segment, pieces);
    this.#appendedBytes += written;
    if (this.#options.fsync === 'always') await this.#synchronise();
    else
      this.#syncTimer ??= this.#options.clock.setTimer(SYNC_MS, () => void this.#synchronise().catch(() => undefined));
    return sequences;
  }

  /** All or nothing: a piece that did not fit is cut off again. */
  async #writeAll(segment: Segment, pieces: readonly Uint8Array[]): Promise<number> {
    const handle = this.#handle!;
    const total = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
    try {
      let rest = [...pieces];
      for (let written = 0; written < total; ) {
        const { bytesWritten } = await handle.writev(rest, segment.bytes + written);
        written += bytesWritten;
        rest = written < total ? unwritten(rest, bytesWritten) : [];
      }
    } catch (error) {
      await handle.truncate(segment.bytes);
      throw error;
    }
    segment.bytes += total;
    this.#unsynced += total;
    return total;
  }

  async #currentSegment(): Promise<Segment> {
    const current = this.#handle && this.#segments.at(-1);
    if (current && current.bytes < (this.#options.segmentBytes ?? SEGMENT_BYTES)) return current;
    if (current) await this.#closeSegment();
    const number = this.#segmentNumber + 1;
    const path = join(this.#options.path, segmentName(number));
    const body = Buffer.from(this.id);
    const head = Buffer.concat([
      encodeHeader({ kind: 'begin', table: '', rows: 0, sequence: this.#sequence + 1, rowsBefore: this.#rows }, body),
      body,
    ]);
    // A segment of this name would be one whose beginning failed: it holds nothing.
    const handle = await open(path, 'w');
    const segment: Segment = { number, path, bytes: 0, openBlocks: 0, damaged: false };
    this.#handle = handle;
    try {
      await this.#writeAll(segment, [head]);
    } catch (error) {
      this.#handle = undefined;
      await handle.close();
      await rm(path, { force: true });
      throw error;
    }
    this.#segmentNumber = number;
    this.#segments.push(segment);
    return segment;
  }

  async #closeSegment(): Promise<void> {
    await this.#synchronise();
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #synchronise(): Promise<void> {
    this.#syncTimer?.cancel();
    this.#syncTimer = undefined;
    while (this.#syncing) await this.#syncing;
    if (this.#unsynced === 0 || !this.#handle) return;
    this.#syncing = this.#datasync(this.#handle, this.#unsynced);
    try {
      await this.#syncing;
    } finally {
      this.#syncing = undefined;
    }
  }

  /** After a failure the operating system may have dropped what it could not write: nothing more is promised. */
  async #datasync(handle: FileHandle, bytes: number): Promise<void> {
    try {
      await handle.datasync();
    } catch (error) {
      this.#syncFailure = error;
      this.#options.logger.error({ err: error }, 'the write-ahead log cannot be synchronised with the disk');
      throw error;
    }
    this.#unsynced -= bytes;
    this.#syncs++;
  }

  /** Removes the oldest segments as far as everything in them is in its table; never the one that is written. */
  async release(): Promise<void> {
    while (this.#segments.length > 0 && this.#segments[0]!.openBlocks === 0) {
      if (this.#segments.length === 1 && this.#handle) return;
      const { path, damaged } = this.#segments.shift()!;
      if (damaged) await rename(path, `${path}.damaged`);
      else await rm(path, { force: true });
    }
  }

  /** Of all segments: what waits, and what was done since the oldest block that waits. */
  get bytes(): number {
    return this.#segments.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get stats(): WriteAheadLogStats {
    return {
      segments: this.#segments.length,
      bytes: this.bytes,
      unsyncedBytes: this.#unsynced,
      appendedBlocks: this.#appendedBlocks,
      appendedBytes: this.#appendedBytes,
      failedAppends: this.#failedAppends,
      syncs: this.#syncs,
      ...(this.#syncFailure !== undefined && { failure: String(this.#syncFailure) }),
    };
  }

  async close(): Promise<void> {
    await this.#loop;
    this.#closed = true;
    this.#syncTimer?.cancel();
    await this.#closeSegment();
    await this.release();
  }
}

/** What is left of `pieces` behind the first `count` bytes. */
function unwritten(pieces: readonly Uint8Array[], count: number): Uint8Array[] {
  let skip = count;
  const rest: Uint8Array[] = [];
  for (const piece of pieces) {
    if (skip >= piece.byteLength) skip -= piece.byteLength;
    else {
      rest.push(piece.subarray(skip));
      skip = 0;
    }
  }
  return rest;
}

function toAppendError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const message = 'the disk of the telemetry store is full: free space or shorten the retention';
    return new ServiceError('disk_full', message, { retryAfterSeconds: 60, cause: error });
  }
  return new ServiceError('unavailable', 'the write-ahead log cannot be written', {
    retryAfterSeconds: 5,
    cause: error,
  });
}
