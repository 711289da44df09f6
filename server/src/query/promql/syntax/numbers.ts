/** The value of a number token: decimal or hexadecimal, digits may be parted by `_`. */
export function parseNumber(text: string): number {
  return Number(text.replaceAll('_', ''));
}
