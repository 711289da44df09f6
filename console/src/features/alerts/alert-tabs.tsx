import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { PageTabs } from '../../components/page-tabs.tsx';

const PAGES = [
  { to: '/alerts', label: 'Alerts' },
  { to: '/alerts/groups', label: 'Groups' },
  { to: '/alerts/history', label: 'History' },
  { to: '/alerts/silences', label: 'Silences' },
  { to: '/alerts/maintenance', label: 'Maintenance' },
  { to: '/alerts/rule-files', label: 'Rule files' },
] as const;

export function AlertTabs() {
  return <PageTabs label="Alerts" pages={PAGES} />;
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
