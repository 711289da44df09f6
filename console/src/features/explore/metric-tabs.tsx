import { PageTabs } from '../../components/page-tabs.tsx';

const PAGES = [
  { to: '/explore', label: 'Explore' },
  { to: '/explore/cardinality', label: 'Cardinality' },
  { to: '/explore/unused', label: 'Unused' },
] as const;

export function MetricTabs() {
  return <PageTabs label="Metrics" pages={PAGES} />;
}
