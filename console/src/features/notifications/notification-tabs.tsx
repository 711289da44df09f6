import { PageTabs } from '../../components/page-tabs.tsx';

const PAGES = [
  { to: '/notifications', label: 'Inbox' },
  { to: '/notifications/history', label: 'History' },
  { to: '/notifications/scheduled', label: 'Scheduled' },
  { to: '/notifications/topics', label: 'Topics' },
  { to: '/notifications/preferences', label: 'Preferences' },
  { to: '/notifications/templates', label: 'Templates' },
] as const;

export function NotificationTabs() {
  return <PageTabs label="Notifications" pages={PAGES} />;
}
