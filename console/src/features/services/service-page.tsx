import { Button } from '@mantine/core';
import { IconPlus, IconTopologyStar3 } from '@tabler/icons-react';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { ApiError } from '../../api-client/http.ts';
import type { PerformanceDetail } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { StatusBadge } from '../../components/badges.tsx';
import { Fact } from '../../components/fact.tsx';
import { Page } from '../../components/page.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { formatMilliseconds, formatPerSecond, formatRatio } from '../../format/number.ts';
import { useTimeRange } from '../../time/use-time-range.ts';
import { AnnotationsPanel } from './annotations-panel.tsx';
import { Dependencies } from './dependencies.tsx';
import { OperationTable } from './operation-table.tsx';
import { ServiceCharts } from './service-charts.tsx';
import { ServiceLogs } from './service-logs.tsx';
import classes from './service-page.module.css';
import { TopErrors } from './top-errors.tsx';

/** One service: how it does, what it does, whom it needs. */
export function ServicePage() {
  const { service } = useParams({ strict: false }) as { service: string };
  const [range] = useTimeRange();
  const query = useLiveQuery<PerformanceDetail>(
    `api/monitoring/performance/service/${encodeURIComponent(service)}`,
    {},
    { range, keep: false },
  );
  if (query.data) return <ServiceView detail={query.data} />;
  if (query.error instanceof ApiError && query.error.status === 404) {
    return (
      <Page title={service}>
        <EmptyState icon={IconTopologyStar3} title="Nothing is known of this service">
          {query.error.message} <Link to="/get-started">How to send data</Link>
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page title={service}>
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <LoadingRows rows={10} />
      )}
    </Page>
  );
}

function ServiceView({ detail }: { detail: PerformanceDetail }) {
  const navigate = useNavigate();
  return (
    <Page
      title={detail.service}
      note={<StatusBadge status={detail.status} soft />}
      actions={
        <Button
          variant="default"
          leftSection={<IconPlus size={14} aria-hidden="true" />}
          onClick={() => void navigate({ to: '/alerts/new', search: { service: detail.service } })}
        >
          Alert on it
        </Button>
      }
    >
      <dl className={surface.facts}>
        <Fact name="Requests">{formatPerSecond(detail.requests_per_second)}</Fact>
        <Fact name="Errors">{formatRatio(detail.error_ratio)}</Fact>
        <Fact name="p50">{formatMilliseconds(detail.latency_ms?.p50)}</Fact>
        <Fact name="p95">{formatMilliseconds(detail.latency_ms?.p95)}</Fact>
        <Fact name="p99">{formatMilliseconds(detail.latency_ms?.p99)}</Fact>
        <Fact name="Apdex">{detail.apdex === null ? '–' : detail.apdex.toFixed(2)}</Fact>
        <Fact name="Last seen">
          <RelativeTime time={detail.last_seen} />
        </Fact>
        <Fact name="Look at">
          <Link to="/traces" search={{ service: detail.service }}>
            Traces
          </Link>
          {' · '}
          <Link to="/logs" search={{ service: detail.service }}>
            Logs
          </Link>
          {' · '}
          <Link to="/incidents" search={{ service: detail.service }}>
            Incidents
          </Link>
          {' · '}
          <Link to="/alerts/history" search={{ service: detail.service }}>
            Alerts
          </Link>
        </Fact>
      </dl>
      <ServiceCharts detail={detail} />
      <div className={classes.columns}>
        <div className={classes.stack}>
          <OperationTable service={detail.service} operations={detail.operations} />
          <TopErrors errors={detail.top_errors} />
          <AnnotationsPanel service={detail.service} />
        </div>
        <Dependencies dependencies={detail.dependencies} />
      </div>
      <ServiceLogs service={detail.service} />
    </Page>
  );
}
