import type { z } from 'zod';
import type { Intake, Signal, WriteOptions, WriteOutcome } from '../../pipeline/index.ts';

/** What a receiver of JSON needs to know of one kind of items. */
export interface ItemKind<Schema extends z.ZodObject = z.ZodObject, Item = unknown> {
  readonly path: string;
  readonly signal: Signal;
  readonly summary: string;
  /** Its fields, for people. */
  readonly description: string;
  readonly schema: Schema;
  /** Translates the items of one batch; `now` is for those without a time, Unix milliseconds. */
  translator(now: number): (item: z.output<Schema>) => Item;
  write(intake: Intake, items: readonly Item[], options: WriteOptions): Promise<WriteOutcome>;
}

/** Ties the types of a kind together. */
export function itemKind<Schema extends z.ZodObject, Item>(kind: ItemKind<Schema, Item>): ItemKind {
  return kind as unknown as ItemKind;
}
