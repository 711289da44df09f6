import { ServiceError } from '../../../model/errors.ts';
import type { Logger } from '../../../model/logger.ts';
import type { BlockSink } from './block-sink.ts';
import { type Column, encodeBlock } from './native-block.ts';

/** Columns of one table, filled a batch at a time. */
export interface BlockBuilder<Batch> {
  readonly columns: Readonly<Record<string, Column>>;
  append(batch: Batch): void;
}

export interface BlockWriterOptions<Batch> {
  readonly table: string;
  /** Where encoded blocks go. */
  readonly sink: BlockSink;
  readonly logger: Logger;
  newBlock(): BlockBuilder<Batch>;
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

interface Waiting<Batch> {
  readonly batch: Batch;
  readonly rows: number;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
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
 * being written, become one block. A batch is taken as a whole or not at all; blocks go one after the other.
 */
export class BlockWriter<Batch> {
  readonly #options: BlockWriterOptions<Batch>;
  readonly #limits: BlockWriterLimits;
  #waiting: Waiting<Batch>[] = [];
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
   * Resolves when the sink has taken the batch: durable, and visible when it inserts at once. The batch must not change until then. Rejects with `overloaded`
   * when too much is waiting already, else with what the store says when the block failed for good.
   */
  write(batch: Batch): Promise<void> {
    if (this.#closed) return Promise.reject(new ServiceError('unavailable', 'the telemetry store is closing'));
    const rows = this.#options.rowsOf(batch);
    if (rows === 0) return Promise.resolve();
    const bytes = this.#options.bytesOf(batch);
    if (this.#isFull(rows, bytes)) {
      const message = 'the telemetry store is slower than the data that arrives';
      return Promise.reject(new ServiceError('overloaded', message, { retryAfterSeconds: 2 }));
    }
    this.#pendingRows += rows;
    this.#pendingBytes += bytes;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ batch, rows, bytes, resolve, reject });
    this.#loop ??= this.#run();
    return promise;
  }

  #isFull(rows: number, bytes: number): boolean {
    if (this.#pendingRows === 0) return false;
    return (
      this.#pendingRows + rows > this.#limits.pendingRows || this.#pendingBytes + bytes > this.#limits.pendingBytes
    );
  }

  async #run(): Promise<void> {
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) await this.#storeNext();
    this.#loop = undefined;
  }

  async #storeNext(): Promise<void> {
    const taken = this.#take();
    const { block, rows, encoded } = this.#encode(taken);
    if (block) {
      try {
        await this.#options.sink.take(block, rows);
        this.#writtenRows += rows;
        this.#writtenBlocks++;
        for (const waiting of encoded) waiting.resolve();
      } catch (error) {
        this.#failedBlocks++;
        this.#options.logger.error({ table: this.#options.table, rows, error }, 'telemetry block not stored');
        for (const waiting of encoded) waiting.reject(error);
      }
    }
    for (const waiting of taken) {
      this.#pendingRows -= waiting.rows;
      this.#pendingBytes -= waiting.bytes;
    }
  }

  #take(): Waiting<Batch>[] {
    let rows = 0;
    let bytes = 0;
    let count = 0;
    for (const waiting of this.#waiting) {
      rows += waiting.rows;
      bytes += waiting.bytes;
      if (count > 0 && (rows > this.#limits.blockRows || bytes > this.#limits.blockBytes)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** A batch that cannot be encoded is rejected by itself; the others go on without it. */
  #encode(taken: readonly Waiting<Batch>[]): { block?: Buffer; rows: number; encoded: readonly Waiting<Batch>[] } {
    let good = taken;
    while (good.length > 0) {
      const builder = this.#options.newBlock();
      const bad = good.find((waiting) => !this.#append(builder, waiting));
      if (!bad) {
        const rows = good.reduce((sum, waiting) => sum + waiting.rows, 0);
        return { block: encodeBlock(builder.columns, rows), rows, encoded: good };
      }
      good = good.filter((waiting) => waiting !== bad);
    }
    return { rows: 0, encoded: [] };
  }

  #append(builder: BlockBuilder<Batch>, waiting: Waiting<Batch>): boolean {
    try {
      builder.append(waiting.batch);
      return true;
    } catch (error) {
      waiting.reject(error);
      return false;
    }
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
