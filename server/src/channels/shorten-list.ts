import { truncate } from '../lib/truncate.ts';

const ITEM = /^- /;
const LEFT_OUT = /^and (\d+) more$/;

/**
 * At most `limit` UTF-16 units of a message. A list in it loses whole lines and says how many are left out, and what
 * stands after the list is kept; any other text is cut at its end.
 */
export function shortenList(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const lines = text.split('\n');
  const first = lines.findIndex((line) => ITEM.test(line));
  if (first < 0) return truncate(text, limit);
  const rest = lines.slice(first);
  const length = rest.findIndex((line) => line === '' || LEFT_OUT.test(line));
  const [list, after] = length < 0 ? [rest, []] : [rest.slice(0, length), rest.slice(length)];
  const known = LEFT_OUT.exec(after[0] ?? '');
  const items = list.flatMap((line, index) => (ITEM.test(line) ? [index] : []));
  const end = known ? after.slice(1) : after;
  for (let kept = items.length - 1; kept > 0; kept--) {
    const hidden = items.length - kept + Number(known?.[1] ?? 0);
    const shorter = [...lines.slice(0, first), ...list.slice(0, items[kept]), `and ${hidden} more`, ...end].join('\n');
    if (shorter.length <= limit) return shorter;
  }
  return truncate(text, limit);
}
