import type { Rejection } from '../../pipeline/index.ts';

/** The good items of a request, and what was refused while reading it. */
export interface Decoded<Item> {
  readonly items: Item[];
  readonly rejected: Rejection[];
}
