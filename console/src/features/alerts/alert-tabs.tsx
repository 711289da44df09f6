import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import tabs from '../../components/tabs.module.css';

/** Rules, history and silences are pages of their own; this leads from one to the other. */
export function AlertTabs() {
  return (
    <nav className={tabs.tabs} aria-label="Alerts">
      <Link
        to="/alerts"
        className={tabs.tab!}
        activeOptions={{ exact: true, includeSearch: false }}
        activeProps={{ 'data-active': true }}
      >
        Alerts
      </Link>
      <Link
        to="/alerts/history"
        className={tabs.tab!}
        activeOptions={{ includeSearch: false }}
        activeProps={{ 'data-active': true }}
      >
        History
      </Link>
      <Link
        to="/alerts/silences"
        className={tabs.tab!}
        activeOptions={{ includeSearch: false }}
        activeProps={{ 'data-active': true }}
      >
        Silences
      </Link>
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
