import { SegmentedControl } from '@mantine/core';
import { IconFileText, IconRouteOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { ApiError, get } from '../../api-client/http.ts';
import type { TraceDetail } from '../../api-client/types.ts';
import { useSearchState } from '../../app/search-state.ts';
import { Badge } from '../../components/badges.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Fact } from '../../components/fact.tsx';
import { Page } from '../../components/page.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import { formatMilliseconds } from '../../format/number.ts';
import { formatFull } from '../../format/time.ts';
import { LogTable } from '../logs/log-table.tsx';
import { SpanDetail } from './span-detail.tsx';
import { arrangeSpans } from './span-tree.ts';
import classes from './trace-page.module.css';
import { Waterfall } from './waterfall.tsx';

/** One trace: where its time went, span by span. */
export function TracePage() {
  const { traceId } = useParams({ strict: false }) as { traceId: string };
  const query = useQuery({
    queryKey: ['api/traces', traceId],
    queryFn: ({ signal }) => get<TraceDetail>(`api/traces/${encodeURIComponent(traceId)}`, {}, signal),
    staleTime: 15_000,
  });
  if (query.error instanceof ApiError && query.error.status === 404) {
    return (
      <Page title="Trace not found">
        <EmptyState icon={IconRouteOff} title="Nothing is stored of this trace">
          Its spans may still be on their way, were not sampled, or are older than the retention time.{' '}
          <Link to="/traces">Search traces</Link>
        </EmptyState>
      </Page>
    );
  }
  if (query.data) return <TraceView trace={query.data} />;
  return (
    <Page title="Trace">
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <LoadingRows rows={10} />
      )}
    </Page>
  );
}

function TraceView({ trace }: { trace: TraceDetail }) {
  const [{ span: selectedId }, change] = useSearchState<{ span?: string | undefined }>();
  const [view, setView] = useState('spans');
  const rows = useMemo(() => arrangeSpans(trace.spans), [trace.spans]);
  const root = rows[0]?.span;
  const selected = trace.spans.find((span) => span.span_id === selectedId);
  const failed = trace.spans.filter((span) => span.status === 'error').length;
  return (
    <Page title={root ? root.name : 'Trace'} note={root?.service}>
      <dl className={surface.facts}>
        <Fact name="Started">{formatFull(trace.started_at)}</Fact>
        <Fact name="Duration">{formatMilliseconds(trace.duration_ms)}</Fact>
        <Fact name="Spans">{trace.spans.length}</Fact>
        <Fact name="Errors">{failed > 0 ? <Badge tone="error">{String(failed)}</Badge> : '0'}</Fact>
        <Fact name="Services">{trace.services.length}</Fact>
        <Fact name="Trace id">
          <span className="mono">{trace.trace_id}</span> <CopyButton text={trace.trace_id} label="Copy trace id" />
        </Fact>
      </dl>
      <SegmentedControl
        aria-label="View"
        className={classes.views!}
        value={view}
        onChange={setView}
        data={[
          { value: 'spans', label: 'Spans' },
          { value: 'logs', label: `Logs (${trace.logs.length})` },
        ]}
      />
      {view === 'spans' ? (
        <div className={classes.columns} data-detail={selected !== undefined}>
          <Waterfall
            trace={trace}
            rows={rows}
            selectedId={selectedId}
            onSelect={(id) => change({ span: id === selectedId ? undefined : id }, true)}
          />
          {selected ? (
            <SpanDetail span={selected} trace={trace} onClose={() => change({ span: undefined }, true)} />
          ) : null}
        </div>
      ) : (
        <div className={classes.logs}>
          {trace.logs.length === 0 ? (
            <EmptyState icon={IconFileText} title="No log lines carry this trace id">
              Log with the trace context, and the lines of a request appear beside its spans.
            </EmptyState>
          ) : (
            <LogTable logs={trace.logs} dense />
          )}
        </div>
      )}
    </Page>
  );
}
