import { Link } from '@tanstack/react-router';
import tabs from '../../components/tabs.module.css';

const exact = { exact: true, includeSearch: false };
const active = { 'data-active': true };

export function NotificationTabs() {
  return (
    <nav className={tabs.tabs} aria-label="Notifications">
      <Link to="/notifications" className={tabs.tab!} activeOptions={exact} activeProps={active}>
        Inbox
      </Link>
      <Link to="/notifications/history" className={tabs.tab!} activeOptions={exact} activeProps={active}>
        History
      </Link>
      <Link to="/notifications/preferences" className={tabs.tab!} activeOptions={exact} activeProps={active}>
        Preferences
      </Link>
      <Link to="/notifications/templates" className={tabs.tab!} activeOptions={exact} activeProps={active}>
        Templates
      </Link>
    </nav>
  );
}
