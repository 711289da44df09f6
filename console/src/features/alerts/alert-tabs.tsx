import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import tabs from '../../components/tabs.module.css';

const PAGES = [
  { to: '/alerts', label: 'Alerts' },
  { to: '/alerts/groups', label: 'Groups' },
  { to: '/alerts/history', label: 'History' },
  { to: '/alerts/silences', label: 'Silences' },
  { to: '/alerts/maintenance', label: 'Maintenance' },
  { to: '/alerts/rule-files', label: 'Rule files' },
] as const;

/** What belongs to alerts stands on pages of its own; this leads from one to the other. */
export function AlertTabs() {
  return (
    <nav className={tabs.tabs} aria-label="Alerts">
      {PAGES.map(({ to, label }) => (
        <Link
          key={to}
          to={to}
          className={tabs.tab!}
          activeOptions={{ exact: true, includeSearch: false }}
          activeProps={{ 'data-active': true }}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}

export function NewAlertButton() {
  const navigate = useNavigate();
  return (
    <Button
      leftSection={<IconPlus size={14} aria-hidden="true" />}
      onClick={() => void navigate({ to: '/alerts/new' })}
    >
      New alert
    </Button>
  );
}
