import type { ReactNode } from 'react';
import { useEffect } from 'react';
import classes from './page.module.css';

interface PageProps {
  title: string;
  /** Beside the title: badges, a quiet line. */
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page with its heading; names the browser's tab as well. */
export function Page({ title, note, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · System Service`;
  }, [title]);
  return (
    <div className={classes.page}>
      <div className={classes.heading}>
        <h1 className={classes.title}>{title}</h1>
        {note ? <div className={classes.note}>{note}</div> : null}
        <span className={classes.spacer} />
        {actions ? <div className={classes.actions}>{actions}</div> : null}
      </div>
      {children}
    </div>
  );
}
