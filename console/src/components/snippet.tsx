import { CopyButton } from './copy-button.tsx';
import classes from './snippet.module.css';

/** Something to run or to write down, as it is, with a button that copies it. */
export function Snippet({ title, code }: { title: string; code: string }) {
  return (
    <div className={classes.snippet}>
      <div className={classes.head}>
        <b>{title}</b>
        <CopyButton text={code} label={`Copy: ${title}`} />
      </div>
      <section className={classes.code} aria-label={title}>
        <pre>{code}</pre>
      </section>
    </div>
  );
}
