/** `a="1", b=~"x,y"` as a list; commas within quotes divide nothing. */
export function readMatchers(text: string): string[] {
  const parts = text.match(/(?:"(?:[^"\\]|\\.)*"|[^,"])+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
