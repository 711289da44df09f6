import { Link } from '@tanstack/react-router';
import tabs from '../../components/tabs.module.css';

const exact = { exact: true, includeSearch: false };
const active = { 'data-active': true };

export function MetricTabs() {
  return (
    <nav className={tabs.tabs} aria-label="Metrics">
      <Link to="/explore" className={tabs.tab!} activeOptions={exact} activeProps={active}>
        Explore
      </Link>
      <Link to="/explore/cardinality" className={tabs.tab!} activeOptions={exact} activeProps={active}>
        Cardinality
      </Link>
      <Link to="/explore/unused" className={tabs.tab!} activeOptions={exact} activeProps={active}>
        Unused
      </Link>
    </nav>
  );
}
