import type { Logger } from '../model/logger.ts';
import type { SampleSink, SeriesSamples } from '../model/metric.ts';

export interface SampleBufferOptions {
  readonly sink: SampleSink;
  readonly logger: Logger;
  /** Who writes, for the log. */
  readonly source: string;
  /** Most batches that wait while the sink refuses; the oldest goes first. Default 60. */
  readonly maxBatches?: number;
}

/**
 * Writes batches to a sink and keeps those that it refused for the next time, so that a short outage of the store
 * leaves no gap. One log line when trouble starts, one when it ends.
 */
export class SampleBuffer {
  readonly #options: SampleBufferOptions;
  readonly #waiting: (readonly SeriesSamples[])[] = [];
  #dropped = 0;
  #failing = false;

  constructor(options: SampleBufferOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async write(batch: readonly SeriesSamples[]): Promise<void> {
    if (batch.length > 0) this.#waiting.push(batch);
    this.#bound();
    try {
      while (this.#waiting.length > 0) {
        await this.#options.sink.writeSamples(this.#waiting[0]!);
        this.#waiting.shift();
      }
      this.#report();
    } catch (error) {
      this.#reportFailure(error);
    }
  }

  #bound(): void {
    const most = this.#options.maxBatches ?? 60;
    while (this.#waiting.length > most) {
      this.#waiting.shift();
      this.#dropped++;
    }
  }

  #report(): void {
    if (!this.#failing) return;
    const { logger, source } = this.#options;
    logger.info({ source, dropped_batches: this.#dropped }, 'samples are written again');
    this.#failing = false;
    this.#dropped = 0;
  }

  #reportFailure(error: unknown): void {
    if (this.#failing) return;
    this.#failing = true;
    const { logger, source } = this.#options;
    logger.warn({ source, error: String(error) }, 'samples cannot be written; they wait');
  }
}
