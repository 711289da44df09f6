/** Takes the blocks of one table. */
export interface BlockSink {
  /** Resolves when the block's rows are safe; rejects when none of them counts as taken. One call at a time. */
  take(block: Buffer, rows: number): Promise<void>;
  /** What was taken and is not yet in the table. */
  readonly pendingRows: number;
  readonly pendingBytes: number;
  /** Brings what was taken into the table, as far as that is possible now. */
  close(): Promise<void>;
}

/** Makes the sink of a table. */
export type BlockSinks = (table: string) => BlockSink;
