import { Link, type LinkProps } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import classes from './tabs.module.css';

interface PageTabsProps {
  /** What the pages belong to, for those who do not see it. */
  label: string;
  pages: readonly { readonly to: NonNullable<LinkProps['to']>; readonly label: string }[];
}

/** Pages that belong together, each with an address of its own; this leads from one to the other. */
export function PageTabs({ label, pages }: PageTabsProps) {
  const bar = useRef<HTMLElement>(null);
  useEffect(() => {
    // Where they do not fit, the one that is open is in sight.
    bar.current?.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, []);
  return (
    <nav ref={bar} className={classes.tabs} aria-label={label}>
      {pages.map((page) => (
        <Link
          key={page.label}
          to={page.to}
          className={classes.tab!}
          activeOptions={{ exact: true, includeSearch: false }}
          activeProps={{ 'data-active': true }}
        >
          {page.label}
        </Link>
      ))}
    </nav>
  );
}
