const MARK = '…[truncated]';

/** The text, or its beginning with a mark at the end where it is longer than `most` UTF-16 units. */
export function truncate(text: string, most: number, onTruncated: () => void): string {
  if (text.length <= most) return text;
  onTruncated();
  let end = Math.max(0, most - MARK.length);
  // Never between the halves of a surrogate pair.
  if (end > 0 && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end--;
  return text.slice(0, end) + MARK;
}
