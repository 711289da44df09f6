import type { ReactNode } from 'react';
import classes from './marked.module.css';

type Range = readonly [start: number, end: number];

/** A text with what a search found in it marked. Ranges are in order and do not overlap. */
export function Marked({ text, ranges }: { text: string; ranges: readonly Range[] }) {
  const parts: ReactNode[] = [];
  let from = 0;
  for (const [start, end] of ranges) {
    parts.push(
      text.slice(from, start),
      <mark key={start} className={classes.mark}>
        {text.slice(start, end)}
      </mark>,
    );
    from = end;
  }
  parts.push(text.slice(from));
  return <>{parts}</>;
}
