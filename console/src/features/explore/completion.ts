/** What may be completed at the caret. */
export interface Completion {
  kind: 'metric' | 'label' | 'value';
  /** The metric whose labels are meant, where there is one. */
  metric: string | undefined;
  /** Of values: whose. */
  label: string | undefined;
  /** What is written of it so far, from `from` on. */
  word: string;
  from: number;
}

const SHORTEST = 2;

/** Reads what stands before the caret of a PromQL query; undefined where there is nothing to propose. */
export function completionAt(text: string, caret: number): Completion | undefined {
  const before = text.slice(0, caret);
  const make = (kind: Completion['kind'], word: string, metric?: string, label?: string): Completion => ({
    kind,
    metric,
    label,
    word,
    from: caret - word.length,
  });
  if (/\[[^\]]*$/.test(before)) return undefined;
  const braces = /([a-zA-Z_:][\w:]*)?\s*\{([^{}]*)$/.exec(before);
  if (braces) {
    const [, metric, inside] = braces;
    const value = /([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*"([^"]*)$/.exec(inside!);
    if (value) return make('value', value[2]!, metric, value[1]);
    const label = /(?:^|,)\s*([a-zA-Z_]\w*)?$/.exec(inside!);
    return label ? make('label', label[1] ?? '', metric) : undefined;
  }
  const grouping = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^()]*)$/i.exec(before);
  if (grouping) return make('label', /\w*$/.exec(grouping[1]!)![0], metricAfter(text, caret));
  const isInText = before.split('"').length % 2 === 0;
  const word = /[a-zA-Z_:][\w:]*$/.exec(before)?.[0] ?? '';
  return word.length >= SHORTEST && !isInText ? make('metric', word) : undefined;
}

/** `sum by (ho|) (rate(host_cpu...`: the metric of a grouping stands after it. */
function metricAfter(text: string, caret: number): string | undefined {
  const found = [...text.slice(caret).matchAll(/[a-zA-Z_:][\w:]*(?!\s*\(|[\w:])/g)].map(([word]) => word);
  return found.find((word) => word.includes('_'));
}

/** The query with the proposal in it, and where the caret goes. */
export function complete(
  text: string,
  { kind, from, word }: Completion,
  chosen: string,
): { text: string; caret: number } {
  const after = text.slice(from + word.length);
  const isMatcher = kind === 'label' && /\{[^{}]*$/.test(text.slice(0, from)) && !/^\s*(=|!)/.test(after);
  const inserted = `${chosen}${isMatcher ? '="' : ''}${kind === 'value' && !after.startsWith('"') ? '"' : ''}`;
  return { text: text.slice(0, from) + inserted + after, caret: from + inserted.length };
}
