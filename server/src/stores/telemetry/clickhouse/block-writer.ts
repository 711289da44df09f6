import { ServiceError } from '../../../model/errors.ts';
import type { Logger } from '../../../model/logger.ts';
import type { BlockSink } from './block-sink.ts';
import { type Column, encodeBlock } from './native-block.ts';

/** Columns of one table, filled a batch at a time. */
export interface BlockBuilder<Batch> {
  readonly columns: Readonly<Record<string, Column>>;
  /** Answers how many rows were added. */
  append(batch: Batch): number;
}

export interface BlockWriterOptions<Batch> {
  readonly table: string;
  /** Where encoded blocks go. */
  readonly sink: BlockSink;
  readonly logger: Logger;
  newBlock(): BlockBuilder<Batch>;
  /** Rows that the batch makes, at most. */
  rowsOf(batch: Batch): number;
  /** About how many bytes the batch holds: for the limits only. */
  bytesOf(batch: Batch): number;
  readonly limits?: Partial<BlockWriterLimits>;
}

export interface BlockWriterLimits {
  /** What one block may hold; a batch is never divided, a larger one becomes a block by itself. */
  readonly blockRows: number;
  readonly blockBytes: number;
  /** What may wait for the sink; beyond it writes are refused as `overloaded`. */
  readonly pendingRows: number;
  readonly pendingBytes: number;
}

const MIB = 1024 * 1024;
const LIMITS: BlockWriterLimits = {
  blockRows: 200_000,
  blockBytes: 32 * MIB,
  pendingRows: 1_000_000,
  pendingBytes: 96 * MIB,
};

/** A block that is filled, and who waits for it. */
interface OpenBlock<Batch> {
  readonly builder: BlockBuilder<Batch>;
  rows: number;
  bytes: number;
  readonly written: PromiseWithResolvers<void>;
}

export interface BlockWriterStats {
  readonly pendingRows: number;
  readonly pendingBytes: number;
  /** Since the start: what was taken, and blocks that were refused for good. */
  readonly writtenRows: number;
  readonly writtenBlocks: number;
  readonly failedBlocks: number;
}

/**
 * Group commit of what one table takes: batches that arrive in the same turn of the event loop, or while a block is
 * being written, become one block. A batch is taken as a whole or not at all; blocks go one after the other. Batches are
 * encoded when they arrive: objects that nobody holds any more cost the garbage collector nothing.
 */
export class BlockWriter<Batch> {
  readonly #options: BlockWriterOptions<Batch>;
  readonly #limits: BlockWriterLimits;
  /** The last one is filled. */
  #blocks: OpenBlock<Batch>[] = [];
  #pendingRows = 0;
  #pendingBytes = 0;
  #writtenRows = 0;
  #writtenBlocks = 0;
  #failedBlocks = 0;
  #loop: Promise<void> | undefined;
  #closed = false;

  constructor(options: BlockWriterOptions<Batch>) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
  }

  /**
   * Resolves when the sink has taken the batch: durable, and visible when it inserts at once. Rejects with `overloaded`
   * when too much is waiting already, else with what the store says when the block failed for good.
   */
  async write(batch: Batch): Promise<void> {
    if (this.#closed) throw new ServiceError('unavailable', 'the telemetry store is closing');
    const most = this.#options.rowsOf(batch);
    if (most === 0) return;
    const expected = this.#options.bytesOf(batch);
    if (this.#isFull(most, expected)) {
      const message = 'the telemetry store is slower than the data that arrives';
      throw new ServiceError('overloaded', message, { retryAfterSeconds: 2 });
    }
    const block = this.#blockFor(most, expected);
    const before = bytesIn(block.builder);
    const rows = appendWhole(block.builder, batch);
    if (rows === 0) return;
    const bytes = Math.max(expected, bytesIn(block.builder) - before);
    block.rows += rows;
    block.bytes += bytes;
    this.#pendingRows += rows;
    this.#pendingBytes += bytes;
    this.#loop ??= this.#run();
    await block.written.promise;
  }

  /** The block that has room for so much, or a new one. */
  #blockFor(rows: number, bytes: number): OpenBlock<Batch> {
    const { blockRows, blockBytes } = this.#limits;
    const last = this.#blocks.at(-1);
    if (last && (last.rows === 0 || (last.rows + rows <= blockRows && last.bytes + bytes <= blockBytes))) return last;
    const block = { builder: this.#options.newBlock(), rows: 0, bytes: 0, written: Promise.withResolvers<void>() };
    this.#blocks.push(block);
    return block;
  }

  #isFull(rows: number, bytes: number): boolean {
    if (this.#pendingRows === 0) return false;
    return (
      this.#pendingRows + rows > this.#limits.pendingRows || this.#pendingBytes + bytes > this.#limits.pendingBytes
    );
  }

  async #run(): Promise<void> {
    await new Promise(setImmediate);
    while (this.#pendingRows > 0) await this.#store(this.#blocks.shift()!);
    this.#loop = undefined;
  }

  async #store({ builder, rows, bytes, written }: OpenBlock<Batch>): Promise<void> {
    try {
      await this.#options.sink.take(encodeBlock(builder.columns, rows), rows);
      this.#writtenRows += rows;
      this.#writtenBlocks++;
      written.resolve();
    } catch (error) {
      this.#failedBlocks++;
      this.#options.logger.error({ table: this.#options.table, rows, error }, 'telemetry block not stored');
      written.reject(error);
    }
    this.#pendingRows -= rows;
    this.#pendingBytes -= bytes;
  }

  get stats(): BlockWriterStats {
    return {
      pendingRows: this.#pendingRows + this.#options.sink.pendingRows,
      pendingBytes: this.#pendingBytes + this.#options.sink.pendingBytes,
      writtenRows: this.#writtenRows,
      writtenBlocks: this.#writtenBlocks,
      failedBlocks: this.#failedBlocks,
    };
  }

  /** Writes what was accepted, then refuses more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#loop;
    await this.#options.sink.close();
  }
}

/** All of the batch, or nothing of it where it cannot be encoded. */
function appendWhole<Batch>(builder: BlockBuilder<Batch>, batch: Batch): number {
  const rewinds = Object.values(builder.columns).map((column) => column.mark());
  try {
    return builder.append(batch);
  } catch (error) {
    for (const rewind of rewinds) rewind();
    throw error;
  }
}

function bytesIn({ columns }: BlockBuilder<never>): number {
  return Object.values(columns).reduce((sum, { byteLength }) => sum + byteLength, 0);
}
