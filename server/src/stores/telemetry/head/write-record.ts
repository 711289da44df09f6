/**
 * To which times samples were written lately, so that readers can tell what they read before from what has changed.
 * Metrics share a few lists by a hash of their name: what is said of one is at worst too early.
 */
export class WriteRecord {
  readonly #lists = Array.from({ length: LISTS }, () => new EarliestSince());
  readonly #all = new EarliestSince();
  /** Metrics whose samples can change later than their writes are told here. */
  readonly #untold = new Set<string>();
  readonly #pending = new Float64Array(LISTS).fill(Number.POSITIVE_INFINITY);
  #mark = 0;

  /** Of all writes that are told from now on the mark is higher. */
  mark(): number {
    return this.#mark;
  }

  /** Collects one of the runs of a batch; `list` as `listOf` gives it, times in Unix milliseconds. */
  add(list: number, earliest: number): void {
    if (earliest < this.#pending[list]!) this.#pending[list] = earliest;
  }

  /** To be called once the collected writes can be read. */
  tell(): void {
    this.#mark++;
    let earliest = Number.POSITIVE_INFINITY;
    for (let list = 0; list < LISTS; list++) {
      const time = this.#pending[list]!;
      if (time === Number.POSITIVE_INFINITY) continue;
      this.#lists[list]!.add(this.#mark, time);
      this.#pending[list] = Number.POSITIVE_INFINITY;
      if (time < earliest) earliest = time;
    }
    if (earliest < Number.POSITIVE_INFINITY) this.#all.add(this.#mark, earliest);
  }

  /** All that was read before is worth nothing any more. */
  tellAll(): void {
    this.#pending.fill(Number.NEGATIVE_INFINITY);
    this.tell();
  }

  /** From now on nothing can be said of the metric. */
  giveUp(metric: string): void {
    this.#untold.add(metric);
  }

  /** The oldest time that was written to since the mark; without metrics, for any. */
  earliestSince(mark: number, metrics: ReadonlySet<string> | undefined): number {
    if (!metrics) return this.#untold.size > 0 ? Number.NEGATIVE_INFINITY : this.#all.since(mark);
    let earliest = Number.POSITIVE_INFINITY;
    for (const metric of metrics) {
      if (this.#untold.has(metric)) return Number.NEGATIVE_INFINITY;
      earliest = Math.min(earliest, this.#lists[listOf(metric)]!.since(mark));
    }
    return earliest;
  }
}

const LISTS = 128;

/** FNV-1a. */
export function listOf(metric: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < metric.length; index++) {
    hash = Math.imul(hash ^ metric.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0) % LISTS;
}

const MOST_ENTRIES = 2048;

/** Answers for any mark what the earliest time told after it was; the times that can be asked for ascend. */
class EarliestSince {
  #marks: number[] = [];
  #times: number[] = [];

  add(mark: number, time: number): void {
    while (this.#times.length > 0 && this.#times.at(-1)! >= time) {
      this.#times.pop();
      this.#marks.pop();
    }
    this.#marks.push(mark);
    this.#times.push(time);
    if (this.#times.length > MOST_ENTRIES) this.#halve();
  }

  /** Of two neighbours the earlier time and the later mark stay. */
  #halve(): void {
    const pairs = this.#times.length >>> 1;
    this.#times = Array.from({ length: pairs }, (_, pair) => this.#times[2 * pair]!).concat(
      this.#times.slice(2 * pairs),
    );
    this.#marks = Array.from({ length: pairs }, (_, pair) => this.#marks[2 * pair + 1]!).concat(
      this.#marks.slice(2 * pairs),
    );
  }

  since(mark: number): number {
    let low = 0;
    let high = this.#marks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#marks[middle]! <= mark) low = middle + 1;
      else high = middle;
    }
    return this.#times[low] ?? Number.POSITIVE_INFINITY;
  }
}
