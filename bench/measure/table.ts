/** A table in Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** Three significant digits; thousands and millions as k and M. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (value >= 999_500) return `${significant(value / 1e6)} M`;
  if (value >= 9_995) return `${significant(value / 1e3)} k`;
  return significant(value);
}

function significant(value: number): string {
  if (value === 0) return '0';
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return value.toPrecision(3);
}
