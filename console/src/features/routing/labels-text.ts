type LabelsText = { labels: Record<string, string> } | { fault: string };

const PAIR = /^\s*([^\s=,"{}]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^",\n}]*?))\s*(?:[,\n]|$)/;

/** Reads labels as people write them: `severity=critical, service="a b"`, also in braces or a line each. */
export function parseLabels(text: string): LabelsText {
  let rest = text.trim().replace(/^\{([\s\S]*)\}$/, '$1');
  const labels: Record<string, string> = {};
  while (rest.trim() !== '') {
    const found = PAIR.exec(rest);
    if (!found) return { fault: `write name=value, with commas between them; not ${rest.trim().slice(0, 40)}` };
    labels[found[1]!] = found[2] === undefined ? found[3]! : found[2].replace(/\\(.)/g, '$1');
    rest = rest.slice(found[0].length);
  }
  return { labels };
}

/** The other way round; `parseLabels` reads it again. */
export function formatLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${/^[\w.:/-]+$/.test(value) ? value : JSON.stringify(value)}`)
    .join(', ');
}
