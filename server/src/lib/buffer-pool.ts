/**
 * Large buffers that are used again. Memory fresh from the system costs a page fault every 4 KiB, and every megabyte of
 * buffers left to the garbage collector brings its next full run nearer.
 */
const SMALLEST_BITS = 12;
const LARGEST_BITS = 24;
/** Bytes that wait for their next use, at most. */
const MOST_KEPT = 48 * 1024 * 1024;

const free: Buffer[][] = Array.from({ length: LARGEST_BITS + 1 }, () => []);
let kept = 0;

/** A buffer of at least `size` bytes, with anything in it. */
export function takeBuffer(size: number): Buffer {
  const bits = 32 - Math.clz32(size - 1);
  if (size < 1 << SMALLEST_BITS || bits > LARGEST_BITS) return Buffer.allocUnsafe(size);
  const known = free[bits]!.pop();
  if (known === undefined) return Buffer.allocUnsafeSlow(1 << bits);
  kept -= known.length;
  return known;
}

/** Gives back a buffer that nobody looks at any more; one that did not come from here is left alone. */
export function giveBackBuffer(buffer: Buffer): void {
  const bits = 31 - Math.clz32(buffer.length);
  const isOurs = buffer.length === 1 << bits && bits >= SMALLEST_BITS && bits <= LARGEST_BITS;
  if (!isOurs || buffer.buffer.byteLength !== buffer.length || kept + buffer.length > MOST_KEPT) return;
  kept += buffer.length;
  free[bits]!.push(buffer);
}
