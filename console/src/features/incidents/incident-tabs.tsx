import { PageTabs } from '../../components/page-tabs.tsx';

const PAGES = [
  { to: '/incidents', label: 'Incidents' },
  { to: '/incidents/correlation', label: 'Correlation' },
] as const;

export function IncidentTabs() {
  return <PageTabs label="Incidents" pages={PAGES} />;
}
