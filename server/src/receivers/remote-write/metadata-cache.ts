import type { MetricType } from '../../model/metric.ts';

/** What is said about a metric besides its samples. */
export interface Description {
  readonly type: MetricType;
  readonly unit: string;
  readonly help: string;
}

export const UNDESCRIBED: Description = { type: 'unknown', unit: '', help: '' };

const MOST_FAMILIES = 50_000;
const PART = /_(?:bucket|count|sum|total|created|info|gcount|gsum)$/;

/**
 * What senders of remote write 1.0 say about metric families, which they do apart from the samples and about once a
 * minute. Bounded: the family that was heard of first is forgotten first.
 */
export class MetadataCache {
  readonly #families = new Map<string, Description>();
  #generation = 0;

  /** Changes whenever something new is known. */
  get generation(): number {
    return this.#generation;
  }

  set(family: string, description: Description): void {
    const known = this.#families.get(family);
    if (
      known &&
      known.type === description.type &&
      known.unit === description.unit &&
      known.help === description.help
    ) {
      return;
    }
    if (!known && this.#families.size >= MOST_FAMILIES) {
      const first = this.#families.keys().next();
      if (!first.done) this.#families.delete(first.value);
    }
    this.#families.set(family, description);
    this.#generation++;
  }

  /** Of the metric itself, or of the family that it is a part of. */
  get(metric: string): Description {
    return this.#families.get(metric) ?? this.#families.get(metric.replace(PART, '')) ?? UNDESCRIBED;
  }
}
