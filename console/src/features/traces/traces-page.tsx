import { Button, Input, NumberInput, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconRoute, IconSearchOff } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { TraceItem } from '../../api-client/types.ts';
import { usePages } from '../../api-client/use-pages.ts';
import { useSearchState } from '../../app/search-state.ts';
import { EXAMPLES } from '../../components/example-commands.ts';
import { FilterChip } from '../../components/filter-chip.tsx';
import { Page } from '../../components/page.tsx';
import { PagedList } from '../../components/paged-list.tsx';
import { EmptyState } from '../../components/states.tsx';
import { useTimeRange } from '../../time/use-time-range.ts';
import { useServiceNames } from '../services/use-services.ts';
import { TraceScatter } from './trace-scatter.tsx';
import { TraceTable } from './trace-table.tsx';
import classes from './traces-page.module.css';

export interface TraceFilters {
  service?: string | undefined;
  operation?: string | undefined;
  min_duration_ms?: string | undefined;
  status?: string | undefined;
  attribute?: string | undefined;
  sort?: string | undefined;
}

const NONE: TraceFilters = {
  service: undefined,
  operation: undefined,
  min_duration_ms: undefined,
  status: undefined,
  attribute: undefined,
};

/** Search traces. */
export function TracesPage() {
  const [filters, change] = useSearchState<TraceFilters>();
  const [range] = useTimeRange();
  const services = useServiceNames();
  const { service, operation, min_duration_ms, status, attribute, sort } = filters;
  const pages = usePages<TraceItem>(
    'api/traces',
    { service, operation, min_duration_ms, status, attribute, sort, limit: 100 },
    range,
  );
  const { items } = pages;
  const filtered = Boolean(service || operation || min_duration_ms || status || attribute);
  const names = service && !services.includes(service) ? [service, ...services] : services;
  return (
    <Page title="Traces" actions={<OpenById />}>
      <div className={classes.bar}>
        <Select
          label="Service"
          placeholder="All services"
          w={200}
          searchable
          clearable
          data={names}
          value={service ?? null}
          onChange={(value) => change({ service: value ?? undefined })}
        />
        <Committed
          label="Operation"
          placeholder="GET /api/models/:id"
          value={operation ?? ''}
          onCommit={(value) => change({ operation: value })}
          width={220}
        />
        <Committed
          label="Attribute"
          placeholder="key=value"
          value={attribute ?? ''}
          onCommit={(value) => change({ attribute: value })}
          width={190}
          check={(value) => (value === '' || /^[^=]+=/.test(value) ? undefined : 'Write key=value')}
        />
        <NumberInput
          label="At least"
          suffix=" ms"
          placeholder="0 ms"
          min={0}
          w={110}
          hideControls
          value={min_duration_ms === undefined ? '' : Number(min_duration_ms)}
          onChange={(value) => change({ min_duration_ms: value === '' ? undefined : String(value) }, true)}
        />
        <Choice
          label="Status"
          value={status ?? ''}
          onChange={(value) => change({ status: value })}
          data={[
            { value: '', label: 'All' },
            { value: 'ok', label: 'OK' },
            { value: 'error', label: 'Failed' },
          ]}
        />
        <Choice
          label="Order"
          value={sort ?? 'newest'}
          onChange={(value) => change({ sort: value === 'newest' ? undefined : value })}
          data={[
            { value: 'newest', label: 'Newest' },
            { value: 'slowest', label: 'Slowest' },
          ]}
        />
      </div>
      {attribute ? (
        <div>
          <FilterChip name="attribute" value={attribute} onRemove={() => change({ attribute: undefined })} />
        </div>
      ) : null}
      {items && items.length > 0 ? <TraceScatter traces={items} /> : null}
      <PagedList
        pages={pages}
        rows={10}
        more="Load more traces"
        empty={<NoTraces filtered={filtered} onClear={() => change(NONE)} />}
      >
        {(items) => <TraceTable traces={items} />}
      </PagedList>
    </Page>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  data: { value: string; label: string }[];
  onChange: (value: string) => void;
}

function Choice({ label, ...control }: ChoiceProps) {
  return (
    <Input.Wrapper label={label} labelElement="div">
      <div>
        <SegmentedControl aria-label={label} {...control} />
      </div>
    </Input.Wrapper>
  );
}

interface CommittedProps {
  label: string;
  placeholder: string;
  value: string;
  width: number;
  onCommit: (value: string) => void;
  check?: (value: string) => string | undefined;
}

/** A text field that takes effect on Enter or when it is left. */
function Committed({ label, placeholder, value, width, onCommit, check }: CommittedProps) {
  const [text, setText] = useState(value);
  const [before, setBefore] = useState(value);
  if (before !== value) {
    setBefore(value);
    setText(value);
  }
  const wrong = check?.(text.trim());
  const commit = () => {
    if (!wrong && text.trim() !== value) onCommit(text.trim());
  };
  return (
    <TextInput
      label={label}
      placeholder={placeholder}
      w={width}
      value={text}
      error={wrong}
      spellCheck={false}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
      }}
    />
  );
}

/** Paste an id, see the trace. */
function OpenById() {
  const navigate = useNavigate();
  const [id, setId] = useState('');
  const wrong = id !== '' && !/^([0-9a-f]{16}|[0-9a-f]{32})$/i.test(id.trim());
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (id !== '' && !wrong)
          void navigate({ to: '/traces/$traceId', params: { traceId: id.trim().toLowerCase() } });
      }}
    >
      <TextInput
        aria-label="Open trace by id"
        placeholder="Open by trace id"
        w={290}
        maw="100%"
        spellCheck={false}
        value={id}
        error={wrong ? 'A trace id has 16 or 32 hex digits' : undefined}
        onChange={(event) => setId(event.currentTarget.value)}
      />
    </form>
  );
}

function NoTraces({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (filtered) {
    return (
      <EmptyState
        icon={IconSearchOff}
        title="No trace matches"
        action={
          <Button variant="default" onClick={onClear}>
            Remove all filters
          </Button>
        }
      >
        Loosen a filter, or choose a longer time range above.
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={IconRoute} title="No traces in this time range" snippet={EXAMPLES.traces()}>
      Choose a longer range above, or <Link to="/get-started">instrument your first service</Link>.
    </EmptyState>
  );
}
