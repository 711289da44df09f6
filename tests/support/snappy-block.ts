/** A snappy block of the bytes, with copies where four bytes come again: for tests, simple rather than small. */
export function snappyBlock(plain: Uint8Array): Buffer {
  const output: number[] = [];
  let length = plain.length;
  while (length > 0x7f) {
    output.push((length & 0x7f) | 0x80);
    length >>>= 7;
  }
  output.push(length);
  const seen = new Map<number, number>();
  let literal = 0;
  let at = 0;
  while (at < plain.length) {
    const key = at + 4 <= plain.length ? Buffer.from(plain.buffer, plain.byteOffset + at, 4).readUInt32LE() : undefined;
    const before = key === undefined ? undefined : seen.get(key);
    if (key !== undefined) seen.set(key, at);
    if (before === undefined || at - before > 0xffff) {
      at++;
      continue;
    }
    let same = 4;
    while (same < 64 && at + same < plain.length && plain[before + same] === plain[at + same]) same++;
    pushLiteral(output, plain.subarray(literal, at));
    const offset = at - before;
    output.push(((same - 1) << 2) | 2, offset & 0xff, offset >>> 8);
    at += same;
    literal = at;
  }
  pushLiteral(output, plain.subarray(literal));
  return Buffer.from(output);
}

function pushLiteral(output: number[], bytes: Uint8Array): void {
  for (let start = 0; start < bytes.length; start += 0x10000) {
    const part = bytes.subarray(start, start + 0x10000);
    if (part.length <= 60) output.push((part.length - 1) << 2);
    else output.push(61 << 2, (part.length - 1) & 0xff, (part.length - 1) >>> 8);
    for (const byte of part) output.push(byte);
  }
}
