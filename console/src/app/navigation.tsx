import { Tooltip } from '@mantine/core';
import {
  IconAlertTriangle,
  IconBell,
  IconChartLine,
  IconDatabase,
  IconDatabaseImport,
  IconFileText,
  IconLayoutDashboard,
  IconRocket,
  IconRoute,
  IconTarget,
  IconTopologyStar3,
  type TablerIcon,
} from '@tabler/icons-react';
import { Link, type LinkProps } from '@tanstack/react-router';
import classes from './navigation.module.css';

interface Entry {
  to: LinkProps['to'];
  label: string;
  icon: TablerIcon;
}

const ENTRIES: Entry[] = [
  { to: '/', label: 'Overview', icon: IconLayoutDashboard },
  { to: '/services', label: 'Services', icon: IconTopologyStar3 },
  { to: '/traces', label: 'Traces', icon: IconRoute },
  { to: '/logs', label: 'Logs', icon: IconFileText },
  { to: '/explore', label: 'Metrics', icon: IconChartLine },
  { to: '/alerts', label: 'Alerts', icon: IconAlertTriangle },
  { to: '/notifications', label: 'Notifications', icon: IconBell },
  { to: '/targets', label: 'Targets', icon: IconTarget },
  { to: '/ingest', label: 'Ingest', icon: IconDatabaseImport },
  { to: '/storage', label: 'Storage', icon: IconDatabase },
  { to: '/get-started', label: 'Get started', icon: IconRocket },
];

/** The pages; icons only where the window is narrow. */
export function Navigation({ onNavigate }: { onNavigate: () => void }) {
  return (
    <nav aria-label="Pages" className={classes.nav}>
      <ul>
        {ENTRIES.map(({ to, label, icon: Icon }) => (
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
    </nav>
  );
}
