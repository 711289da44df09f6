/** Memory that many chunks share: each by itself would cost more in bookkeeping than in bytes. */
export interface Segment {
  readonly bytes: Uint8Array<ArrayBuffer>;
  used: number;
  /** Bytes of chunks that are no more. */
  dead: number;
  /** Time of the newest sample that ever was in it. */
  last: number;
}

const SEGMENT_BYTES = 1024 * 1024;

/** The segments of a head, the oldest first. */
export class Segments {
  #list: Segment[] = [];

  /** Bytes that are held. */
  get heldBytes(): number {
    return this.#list.length * SEGMENT_BYTES;
  }

  get list(): readonly Segment[] {
    return this.#list;
  }

  /** A place for so many bytes, which are the caller's to write. */
  take(size: number, last: number): { segment: Segment; offset: number } {
    let segment = this.#list.at(-1);
    if (!segment || segment.used + size > SEGMENT_BYTES) {
      segment = { bytes: new Uint8Array(SEGMENT_BYTES), used: 0, dead: 0, last };
      this.#list.push(segment);
    }
    const offset = segment.used;
    segment.used += size;
    if (last > segment.last) segment.last = last;
    return { segment, offset };
  }

  /** Lets go of the segments that nothing points into any more. */
  release(isDone: (segment: Segment) => boolean): void {
    this.#list = this.#list.filter((segment) => !isDone(segment));
  }
}
