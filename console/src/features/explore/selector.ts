/** A PromQL selector without anything round it. */
export interface Selector {
  metric: string;
  labels: [string, string][];
}

const MATCHER = /^\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/;

/** Reads `name` and `name{label="value", ...}`; undefined for everything else. */
export function parseSelector(query: string): Selector | undefined {
  const match = /^\s*([a-zA-Z_:][\w:]*)\s*(?:\{([^}]*)\})?\s*$/.exec(query);
  if (!match) return undefined;
  const labels: [string, string][] = [];
  let rest = match[2] ?? '';
  while (rest.trim() !== '') {
    const found = MATCHER.exec(rest);
    if (!found) return undefined;
    labels.push([found[1]!, found[2]!.replace(/\\(.)/g, '$1')]);
    rest = rest.slice(found[0].length);
  }
  return { metric: match[1]!, labels };
}
