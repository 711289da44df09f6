/** True where the text has the form of the pattern. */
export type TextTest = (text: string) => boolean;

/**
 * A pattern in which `*` stands for any characters, also none; it is the whole text that has to fit. Takes time in
 * proportion to both lengths at most.
 */
export function textGlob(pattern: string): TextTest {
  const pieces = pattern.split('*');
  const first = pieces[0]!;
  if (pieces.length === 1) return (text) => text === first;
  const last = pieces.at(-1)!;
  const inner = pieces.slice(1, -1).filter((piece) => piece !== '');
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    const end = text.length - last.length;
    for (const piece of inner) {
      const found = text.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  };
}
