/**
 * Large buffers that are used again. Memory fresh from the system costs a page fault every 4 KiB, and every megabyte of
 * buffers left to the garbage collector brings its next full run nearer.
 */
const SMALLEST_BITS = 12;
const LARGEST_BITS = 24;
/** Bytes that wait for their next use, at most. */
const MOST_KEPT = 48 * 1024 * 1024;

const free: Buffer[][] = Array.from({ length: LARGEST_BITS + 1 }, () => []);
/** Memory that was taken from here and has not come back. */
const lent = new WeakSet<ArrayBufferLike>();
let kept = 0;

/** A buffer of at least `size` bytes, with anything in it. */
export function takeBuffer(size: number): Buffer {
  const bits = 32 - Math.clz32(size - 1);
  if (size < 1 << SMALLEST_BITS || bits > LARGEST_BITS) return Buffer.allocUnsafe(size);
  let buffer = free[bits]!.pop();
  if (buffer === undefined) buffer = Buffer.allocUnsafeSlow(1 << bits);
  else kept -= buffer.length;
  lent.add(buffer.buffer);
  return buffer;
}

/** The pieces one after another, in memory from here. */
export function joinBuffers(pieces: readonly Uint8Array[]): Buffer {
  const size = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const joined = takeBuffer(size).subarray(0, size);
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.byteLength;
  }
  return joined;
}

/**
 * Gives back a buffer, or any part that stands for it, that nobody looks at any more. What did not come from here, or
 * has come back already, is left alone.
 */
export function giveBackBuffer({ buffer }: Buffer): void {
  if (!lent.delete(buffer) || kept + buffer.byteLength > MOST_KEPT) return;
  kept += buffer.byteLength;
  free[Math.log2(buffer.byteLength)]!.push(Buffer.from(buffer));
}
