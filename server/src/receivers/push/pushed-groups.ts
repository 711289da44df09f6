import { type Labels, labelsKey } from '../../model/labels.ts';
import type { SeriesSamples } from '../../model/metric.ts';
import { staleMarkerColumn } from '../../model/stale-marker.ts';

const MOST_GROUPS = 10_000;
const MOST_SERIES = 200_000;

type Group = Map<string, SeriesSamples>;

/**
 * Remembers which series each group has pushed, so that those can be ended which a group has no more. Bounded: the
 * group that pushed longest ago is forgotten first, and then its series end by themselves.
 */
export class PushedGroups {
  readonly #groups = new Map<string, Group>();
  #series = 0;

  /** Stale markers for the series of a group that `batch` does not have. */
  ended(grouping: Labels, batch: readonly SeriesSamples[], now: number): SeriesSamples[] {
    const kept = new Set(batch.map(keyOf));
    const known = this.#groups.get(labelsKey(grouping)) ?? new Map<string, SeriesSamples>();
    return [...known]
      .filter(([key]) => !kept.has(key))
      .map(([, series]) => ({ ...series, timestamps: [now], values: staleMarkerColumn() }));
  }

  /** What the group has from now on. */
  replace(grouping: Labels, batch: readonly SeriesSamples[]): void {
    this.#forget(labelsKey(grouping));
    this.add(grouping, batch);
  }

  /** What the group has besides what it had. */
  add(grouping: Labels, batch: readonly SeriesSamples[]): void {
    const key = labelsKey(grouping);
    const group: Group = this.#groups.get(key) ?? new Map();
    this.#forget(key);
    for (const series of batch) {
      const { name, labels, type, unit, help } = series;
      group.set(keyOf(series), { name, labels, type, unit, help, timestamps: [], values: [] });
    }
    if (group.size === 0) return;
    this.#groups.set(key, group);
    this.#series += group.size;
    for (const oldest of this.#groups.keys()) {
      if (this.#groups.size <= MOST_GROUPS && this.#series <= MOST_SERIES) break;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    this.#series -= this.#groups.get(key)?.size ?? 0;
    this.#groups.delete(key);
  }
}

function keyOf({ name, labels }: SeriesSamples): string {
  return `${name}\u0003${labelsKey(labels)}`;
}
