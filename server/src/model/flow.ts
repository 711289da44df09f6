/**
 * Items on their way, gone through once and in one go: none of them need be held until the last has come. An array is
 * one. An item may be used again for the one after it: who wants to keep one copies it.
 */
export interface Flow<Item> {
  /** At most so many items come. */
  readonly length: number;
  /** Throws where what the items are read from is broken: then none of those that have come counts. */
  forEach(take: (item: Item) => void): void;
}

/** All items, for those who need them together. */
export function collect<Item>(flow: Flow<Item>): Item[] {
  const items: Item[] = [];
  flow.forEach((item) => {
    items.push(item);
  });
  return items;
}
