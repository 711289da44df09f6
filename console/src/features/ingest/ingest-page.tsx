import { IconDatabaseImport, IconShieldCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { IngestReport } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { Badge } from '../../components/badges.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { formatCount } from '../../format/number.ts';
import { ExampleTable } from './example-table.tsx';
import { LimitsPanel } from './limits-panel.tsx';
import { LossTable } from './loss-table.tsx';
import { lossesOf } from './losses.ts';
import { SourceTable } from './source-table.tsx';
import { WritePathPanel } from './write-path-panel.tsx';

/** What comes in, what of it is not stored and why, and what stands between a sender and the tables. */
export function IngestPage() {
  const query = useLiveQuery<IngestReport>('api/monitoring/ingest');
  const refusing = query.data?.sources.some(({ refused_per_second: rate }) => rate > 0) ?? false;
  return (
    <Page title="Ingest" note={refusing ? <Badge tone="warning">Refusing data</Badge> : undefined}>
      <Loaded query={query} rows={10}>
        {(report) => (
          <>
            <Sources report={report} />
            <Losses report={report} />
            {report.examples.length > 0 ? (
              <Panel title="Newest refused" note="names only, never values" flush>
                <ExampleTable examples={report.examples} />
              </Panel>
            ) : null}
            <WritePathPanel report={report} />
            <LimitsPanel report={report} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Sources({ report }: { report: IngestReport }) {
  return (
    <Panel title="Sources" note="since the start of the service; rates over the last minute" flush>
      {report.sources.length > 0 ? (
        <SourceTable sources={report.sources} />
      ) : (
        <EmptyState icon={IconDatabaseImport} title="Nothing has come in yet">
          <Link to="/get-started">Send the first data</Link>.
        </EmptyState>
      )}
    </Panel>
  );
}

function Losses({ report }: { report: IngestReport }) {
  const losses = lossesOf(report.sources);
  const total = losses.reduce((sum, { count }) => sum + count, 0);
  return (
    <Panel title="Not stored, by reason" note={total > 0 ? formatCount(total) : undefined} flush>
      {losses.length > 0 ? (
        <LossTable losses={losses} />
      ) : (
        <EmptyState icon={IconShieldCheck} title="Everything that came in is stored" />
      )}
    </Panel>
  );
}
