/**
 * The name behind one that was escaped for an address: `U__http_2e_method` is `http.method`. Other names stay as they
 * are, as do those whose escapes are broken.
 * https://prometheus.io/docs/specs/om/escaping/
 */
export function unescapeName(name: string): string {
  if (!name.startsWith('U__')) return name;
  const escaped = name.slice(3);
  if (!/^(?:[^_]|__|_[0-9a-f]{1,6}_)*$/i.test(escaped)) return name;
  return escaped.replace(/__|_([0-9a-f]{1,6})_/gi, (_, code: string | undefined) =>
    code === undefined ? '_' : codePoint(Number.parseInt(code, 16)),
  );
}

function codePoint(code: number): string {
  return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : String.fromCodePoint(code);
}
