import type { Flow } from '../model/flow.ts';
import { type DropReason, isDropReason, type RejectionReason, RejectionTally } from './rejection.ts';
import type { Stage, StageContext } from './stage.ts';

/** Told of an item, by its place in the batch, that is refused. */
export type OnRefused = (index: number, reason: RejectionReason, detail?: string, count?: number) => void;

export interface PassageOptions<Item extends object> {
  readonly stages: readonly Stage<Item>[];
  readonly context: Omit<StageContext, 'explain' | 'refusePart' | 'batchSize'>;
  readonly onRefused?: OnRefused | undefined;
  /** What people know an item by. */
  subjectOf(item: Item): string;
  /** Units that an item counts as. */
  weigh(item: Item): number;
}

interface Refused {
  readonly index: number;
  readonly reason: RejectionReason;
  readonly subject: string;
  readonly detail: string;
}

/** Refused items that are remembered one by one. */
const MOST_NAMED = 100;

/** A batch on its way through the stages: what they let through comes out while it goes in. Gone through once. */
export class Passage<Item extends object> implements Flow<Item> {
  readonly #items: Flow<Item>;
  readonly #options: PassageOptions<Item>;
  readonly #steps: readonly ((item: Item) => Item | RejectionReason | DropReason)[];
  readonly tally = new RejectionTally();
  /** The first of what was refused. */
  readonly refused: Refused[] = [];
  /** Units that the configuration leaves out. */
  readonly dropped = new Map<DropReason, number>();
  /** Units of what came through. */
  weight = 0;
  /** True when the last item has passed. */
  isThrough = false;
  #index = -1;
  #detail = '';

  constructor(items: Flow<Item>, options: PassageOptions<Item>) {
    this.#items = items;
    this.#options = options;
    const context: StageContext = {
      ...options.context,
      batchSize: items.length,
      explain: (text) => {
        this.#detail = text;
      },
      refusePart: (reason, count) => {
        this.tally.add(reason, count);
        options.onRefused?.(this.#index, reason, '', count);
      },
    };
    this.#steps = options.stages.map((stage) => stage(context));
  }

  get length(): number {
    return this.#items.length;
  }

  forEach(take: (item: Item) => void): void {
    const { weigh } = this.#options;
    this.#items.forEach((item) => {
      this.#index++;
      const result = this.#run(item);
      if (typeof result === 'string') this.#leaveOut(item, result);
      else {
        this.weight += weigh(result);
        take(result);
      }
    });
    this.isThrough = true;
  }

  #run(item: Item): Item | RejectionReason | DropReason {
    let current = item;
    for (const step of this.#steps) {
      const next = step(current);
      if (typeof next === 'string') return next;
      current = next;
    }
    return current;
  }

  #leaveOut(item: Item, reason: RejectionReason | DropReason): void {
    const { onRefused, subjectOf, weigh } = this.#options;
    const weight = weigh(item);
    if (isDropReason(reason)) {
      this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + weight);
      return;
    }
    const detail = this.#detail;
    this.#detail = '';
    this.tally.add(reason, weight, detail);
    onRefused?.(this.#index, reason, detail);
    if (this.refused.length < MOST_NAMED) {
      this.refused.push({ index: this.#index, reason, subject: subjectOf(item), detail });
    }
  }
}
