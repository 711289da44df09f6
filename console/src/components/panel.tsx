import type { ReactNode } from 'react';
import { useId } from 'react';
import classes from './panel.module.css';
import { Sideways } from './sideways.tsx';

interface PanelProps {
  title: ReactNode;
  /** Right of the title: links, small controls. */
  actions?: ReactNode;
  /** A quiet line beside the title. */
  note?: ReactNode;
  /** No padding round the content: tables. */
  flush?: boolean;
  children: ReactNode;
  className?: string | undefined;
}

/** A titled region of a page. */
export function Panel({ title, actions, note, flush, children, className }: PanelProps) {
  const id = useId();
  return (
    <section className={[classes.panel, className].filter(Boolean).join(' ')} aria-labelledby={id}>
      <header className={classes.header}>
        <h2 id={id} className={classes.title}>
          {title}
        </h2>
        {note ? <span className={classes.note}>{note}</span> : null}
        <span className={classes.spacer} />
        {actions}
      </header>
      {flush ? (
        <Sideways className={classes.flush}>{children}</Sideways>
      ) : (
        <div className={classes.body}>{children}</div>
      )}
    </section>
  );
}
