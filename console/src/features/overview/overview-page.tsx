import { Page } from '../../components/page.tsx';
import { AlertsPanel } from './alerts-panel.tsx';
import { HostCharts } from './host-charts.tsx';
import { LogsPanel } from './logs-panel.tsx';
import classes from './overview-page.module.css';
import { ServicesPanel } from './services-panel.tsx';
import { StatusStrip } from './status-strip.tsx';
import { SystemLine } from './system-line.tsx';
import { TracesPanel } from './traces-panel.tsx';

/** Everything at a glance: the host, the services, what fires, what just happened. */
export function OverviewPage() {
  return (
    <Page title="Overview" note={<SystemLine />}>
      <StatusStrip />
      <HostCharts />
      <div className={classes.wideLeft}>
        <ServicesPanel />
        <AlertsPanel />
      </div>
      <div className={classes.even}>
        <TracesPanel />
        <LogsPanel />
      </div>
    </Page>
  );
}
