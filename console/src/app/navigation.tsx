import { Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import classes from './navigation.module.css';
import { NAVIGATION_GROUPS } from './navigation-groups.ts';

/** The pages in their groups; icons only where the window is narrow. */
export function Navigation({ onNavigate }: { onNavigate: () => void }) {
  return (
    <nav aria-label="Pages" className={classes.nav}>
      {NAVIGATION_GROUPS.map((group) => (
        <div key={group.label} className={classes.group}>
          <div id={`pages-${group.label}`} className={classes.heading}>
            {group.label}
          </div>
          <ul aria-labelledby={`pages-${group.label}`}>
            {group.entries.map(({ to, label, icon: Icon }) => (
              <li key={label}>
                <Tooltip label={label} position="right" classNames={{ tooltip: classes.tooltip! }}>
                  <Link
                    to={to!}
                    className={classes.link!}
                    activeProps={{ 'data-active': true }}
                    activeOptions={{ exact: to === '/', includeSearch: false }}
                    onClick={onNavigate}
                  >
                    <Icon size={18} stroke={1.7} aria-hidden="true" />
                    <span>{label}</span>
                  </Link>
                </Tooltip>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </nav>
  );
}
