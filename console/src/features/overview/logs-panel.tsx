import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconFileText, IconSearch, IconSearchOff } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { faultOf } from '../../api-client/http.ts';
import type { LogItem, Page } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { useTimeRange } from '../../time/use-time-range.ts';
import { LogTable } from '../logs/log-table.tsx';

const SHOWN = 12;

/** The newest log lines, or those that match. */
export function LogsPanel() {
  const [range] = useTimeRange();
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), 250);
  const path = search === '' ? 'api/logs' : 'api/logs/search';
  const query = useLiveQuery<Page<LogItem>>(path, { q: search, limit: SHOWN }, { range });
  const fault = faultOf(query.error, 'q');
  return (
    <Panel
      title={search === '' ? 'Newest logs' : 'Matching logs'}
      flush
      actions={
        <>
          <TextInput
            type="search"
            aria-label="Search logs"
            placeholder="timeout level:error -health"
            leftSection={<IconSearch size={14} aria-hidden="true" />}
            value={text}
            error={fault}
            onChange={(event) => setText(event.currentTarget.value)}
            w={260}
            maw="100%"
          />
          <Link to="/logs" search={search === '' ? {} : { q: search }}>
            All logs
          </Link>
        </>
      }
    >
      {fault ? (
        <EmptyState icon={IconSearchOff} title="This search cannot be read" />
      ) : (
        <Loaded
          query={query}
          rows={6}
          isEmpty={({ items }) => items.length === 0}
          empty={
            search === '' ? (
              <EmptyState icon={IconFileText} title="No logs in this time range">
                <Link to="/get-started">Send your first lines</Link>, or choose a longer range above.
              </EmptyState>
            ) : (
              <EmptyState icon={IconSearch} title="Nothing matches">
                All words must occur. Try fewer of them, or a longer time range above.
              </EmptyState>
            )
          }
        >
          {({ items }) => <LogTable logs={items} />}
        </Loaded>
      )}
    </Panel>
  );
}
