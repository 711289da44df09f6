const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
};
const DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/**
 * The value of a quoted string in Go's syntax: "..." and '...' with escapes, `...` as it is. `undefined` where an
 * escape is wrong. Bytes given as `\xff` or `\377` are read as UTF-8; a byte that is
 * none becomes the lone surrogate U+DC00 + byte, which `quoteGo` writes as that byte again.
 * https://go.dev/ref/spec#String_literals
 */
export function unquoteGo(literal: string): string | undefined {
  const body = literal.slice(1, -1);
  if (literal[0] === '`' || !body.includes('\\')) return body;
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (let i = 0; i < body.length; ) {
    if (body[i] !== '\\') {
      const character = String.fromCodePoint(body.codePointAt(i)!);
      bytes.push(...encoder.encode(character));
      i += character.length;
      continue;
    }
    const sequence = readEscape(body, i + 1);
    if (!sequence) return undefined;
    if (sequence.isByte) bytes.push(sequence.code);
    else bytes.push(...encoder.encode(String.fromCodePoint(sequence.code)));
    i = sequence.end;
  }
  return decode(new Uint8Array(bytes));
}

function decode(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    return decoder.decode(bytes);
  } catch {
    let text = '';
    for (let at = 0; at < bytes.length; ) {
      const first = bytes[at]!;
      const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
      try {
        text += decoder.decode(bytes.subarray(at, at + length));
        at += length;
      } catch {
        text += String.fromCharCode(0xdc00 + first);
        at++;
      }
    }
    return text;
  }
}

function readEscape(body: string, at: number): { code: number; end: number; isByte: boolean } | undefined {
  const letter = body[at] ?? '';
  const simple = SIMPLE[letter];
  if (simple !== undefined) return { code: simple, end: at + 1, isByte: false };
  const octal = /^[0-3][0-7]{2}/.exec(body.slice(at, at + 3));
  if (octal) return { code: Number.parseInt(octal[0], 8), end: at + 3, isByte: true };
  const count = DIGITS[letter];
  if (count === undefined) return undefined;
  const digits = body.slice(at + 1, at + 1 + count);
  if (digits.length < count || !/^[0-9a-fA-F]+$/.test(digits)) return undefined;
  const code = Number.parseInt(digits, 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  return { code, end: at + 1 + count, isByte: letter === 'x' };
}

/** A text as a double-quoted string that every language of the family reads. */
export function quoteGo(text: string): string {
  let quoted = '"';
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (character === '"' || character === '\\') quoted += `\\${character}`;
    else if (character === '\n') quoted += '\\n';
    else if (character === '\t') quoted += '\\t';
    else if (character === '\r') quoted += '\\r';
    else if (code < 0x20 || code === 0x7f) quoted += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (code >= 0xdc80 && code <= 0xdcff) quoted += `\\x${(code - 0xdc00).toString(16)}`;
    else if (code >= 0xd800 && code <= 0xdfff) quoted += '\ufffd';
    else quoted += character;
  }
  return `${quoted}"`;
}
