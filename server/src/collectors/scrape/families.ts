import { type ExpositionFamily, SUFFIXES } from '../../lib/exposition-family.ts';
import type { MetricType } from '../../model/metric.ts';

type Fact = 'type' | 'unit' | 'help';

const ENDINGS = [...new Set(Object.values(SUFFIXES).flat())];

/** What a target says about its metric families; kept from scrape to scrape, so that a series finds its family once. */
export class Families {
  readonly #families = new Map<string, ExpositionFamily>();
  readonly #described = new Set<ExpositionFamily>();
  #epoch = 0;

  /** Changes when a series may belong to another family than before. */
  get epoch(): number {
    return this.#epoch;
  }

  describe(name: string, fact: 'type', value: MetricType): void;
  describe(name: string, fact: 'unit' | 'help', value: string): void;
  describe(name: string, fact: Fact, value: string): void {
    const family = this.#family(name);
    if (!this.#described.has(family)) {
      this.#described.add(family);
      this.#epoch++;
    }
    if (fact === 'type') {
      if (family.type !== value) this.#epoch++;
      family.type = value as MetricType;
    } else family[fact] = value;
  }

  /** The family that a sample of this name belongs to. */
  of(sampleName: string): ExpositionFamily {
    const own = this.#families.get(sampleName);
    if (own && this.#described.has(own)) return own;
    for (const ending of ENDINGS) {
      if (!sampleName.endsWith(ending)) continue;
      const family = this.#families.get(sampleName.slice(0, -ending.length));
      if (family && SUFFIXES[family.type].includes(ending)) return family;
    }
    return own ?? this.#family(sampleName);
  }

  /** Those that the target has said something about. */
  described(): Iterable<Readonly<ExpositionFamily>> {
    return this.#described;
  }

  get size(): number {
    return this.#families.size;
  }

  clear(): void {
    this.#families.clear();
    this.#described.clear();
    this.#epoch++;
  }

  #family(name: string): ExpositionFamily {
    let family = this.#families.get(name);
    if (!family) {
      family = { name, type: 'unknown', unit: '', help: '' };
      this.#families.set(name, family);
    }
    return family;
  }
}
