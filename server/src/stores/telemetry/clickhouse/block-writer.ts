import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError } from '../../../model/errors.ts';
import type { Logger } from '../../../model/logger.ts';
import type { ClickHouse } from '../click-house.ts';
import { type Column, encodeBlock } from './native-block.ts';

/** Columns of one table, filled a batch at a time. */
export interface BlockBuilder<Batch> {
  readonly columns: Readonly<Record<string, Column>>;
  append(batch: Batch): void;
}

export interface BlockWriterOptions<Batch> {
  readonly table: string;
  readonly clickHouse: ClickHouse;
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
  /** What may be accepted and not yet stored; beyond it writes are refused as `overloaded`. */
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

/** Waits before the same block is tried again, milliseconds. */
const RETRIES = [50, 300];

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
  /** Since the start. */
  readonly insertedRows: number;
  readonly insertedBlocks: number;
  readonly failedBlocks: number;
}

/**
 * Group commit into one table: batches that arrive in the same turn of the event loop, or while a block is being
 * inserted, become one block. A batch is stored as a whole or not at all. Blocks go one after the other, each with its
 * own deduplication token, which its repetitions keep.
 */
export class BlockWriter<Batch> {
  readonly #options: BlockWriterOptions<Batch>;
  readonly #limits: BlockWriterLimits;
  readonly #tokenPrefix = randomUUID();
  #waiting: Waiting<Batch>[] = [];
  #pendingRows = 0;
  #pendingBytes = 0;
  #insertedRows = 0;
  #insertedBlocks = 0;
  #failedBlocks = 0;
  #loop: Promise<void> | undefined;
  #closed = false;

  constructor(options: BlockWriterOptions<Batch>) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
  }

  /**
   * Resolves when the batch is durable and visible. The batch must not change until then. Rejects with `overloaded`
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
        await this.#insert(block);
        this.#insertedRows += rows;
        this.#insertedBlocks++;
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

  async #insert(block: Buffer): Promise<void> {
    const token = `${this.#tokenPrefix}-${this.#insertedBlocks + this.#failedBlocks}`;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#options.clickHouse.insertBlock(this.#options.table, block, token);
      } catch (error) {
        const pause = RETRIES[attempt];
        if (pause === undefined) throw error;
        this.#options.logger.warn(
          { table: this.#options.table, attempt, error },
          'telemetry block failed, trying again',
        );
        await delay(pause);
      }
    }
  }

  get stats(): BlockWriterStats {
    return {
      pendingRows: this.#pendingRows,
      pendingBytes: this.#pendingBytes,
      insertedRows: this.#insertedRows,
      insertedBlocks: this.#insertedBlocks,
      failedBlocks: this.#failedBlocks,
    };
  }

  /** Stores what was accepted, then refuses more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#loop;
  }
}
