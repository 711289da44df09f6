import { RE2JS } from 're2js';
import type { LogFilter } from '../../model/log-filter.ts';
import { type TextPattern, textPattern } from '../../model/text-pattern.ts';

/** A half-open range of a text, in UTF-16 code units as JavaScript's `slice` takes them. */
export type HighlightRange = readonly [start: number, end: number];

const MAX_RANGES = 100;
const MAX_LENGTH = 16_384;

/**
 * Makes the function that marks where a message answers a search: the words, phrases, wildcards and expressions that
 * it asks for (not those that it excludes), in order, never overlapping. Long messages are marked in their first
 * 16 Ki code units, at most 100 times.
 */
export function highlighter(filter: LogFilter): (message: string) => HighlightRange[] {
  const patterns = wantedPatterns(filter).map(({ source, group }) => ({
    regex: RE2JS.compile(source, RE2JS.DOTALL),
    group,
  }));
  return (message) => {
    const text = message.length > MAX_LENGTH ? message.slice(0, MAX_LENGTH) : message;
    return merge(patterns.flatMap((pattern) => findAll(pattern, text))).slice(0, MAX_RANGES);
  };
}

function wantedPatterns(filter: LogFilter): TextPattern[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.operands.flatMap(wantedPatterns);
    case 'not':
      return [];
    case 'text':
      return optional(textPattern(filter.text, filter.match));
    case 'field':
      return filter.field === 'message' && filter.operator === '='
        ? optional(textPattern(filter.value, filter.match))
        : [];
  }
}

function optional(pattern: TextPattern | undefined): TextPattern[] {
  return pattern ? [pattern] : [];
}

function findAll({ regex, group }: { regex: RE2JS; group: number }, text: string): HighlightRange[] {
  const matcher = regex.matcher(text);
  const ranges: HighlightRange[] = [];
  let from = 0;
  while (from <= text.length && ranges.length < MAX_RANGES && matcher.find(from)) {
    const start = matcher.start(group);
    const end = matcher.end(group);
    if (end > start) ranges.push([start, end]);
    from = Math.max(end, from + 1);
  }
  return ranges;
}

function merge(ranges: readonly HighlightRange[]): HighlightRange[] {
  const merged: [number, number][] = [];
  for (const [start, end] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}
