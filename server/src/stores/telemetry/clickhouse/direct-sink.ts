import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { giveBackBuffer } from '../../../lib/buffer-pool.ts';
import type { Logger } from '../../../model/logger.ts';
import type { ClickHouse } from '../click-house.ts';
import type { BlockSink } from './block-sink.ts';

/** Waits before the same block is tried again, milliseconds. */
const RETRIES = [50, 300];

/** Inserts every block at once: what it has taken is durable and visible. */
export class DirectSink implements BlockSink {
  readonly pendingRows = 0;
  readonly pendingBytes = 0;
  readonly #clickHouse: ClickHouse;
  readonly #table: string;
  readonly #logger: Logger;
  readonly #tokenPrefix = randomUUID();
  #blocks = 0;

  constructor(clickHouse: ClickHouse, table: string, logger: Logger) {
    this.#clickHouse = clickHouse;
    this.#table = table;
    this.#logger = logger;
  }

  /** Each block has its own deduplication token, which its repetitions keep. */
  async take(block: Buffer): Promise<void> {
    const token = `${this.#tokenPrefix}-${++this.#blocks}`;
    for (let attempt = 0; ; attempt++) {
      try {
        await this.#clickHouse.insertBlock(this.#table, block, token);
        return giveBackBuffer(block);
      } catch (error) {
        const pause = RETRIES[attempt];
        if (pause === undefined) throw error;
        this.#logger.warn({ table: this.#table, attempt, error }, 'telemetry block failed, trying again');
        await delay(pause);
      }
    }
  }

  async close(): Promise<void> {}
}
