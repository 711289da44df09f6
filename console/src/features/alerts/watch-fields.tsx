import { Autocomplete, Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import { MetricSelect } from '../explore/metric-select.tsx';
import type { AlertDraft, SilenceOf, Watch } from './alert-draft.ts';
import classes from './alert-form.module.css';

interface WatchFieldsProps {
  draft: AlertDraft;
  set: (change: Partial<AlertDraft>) => void;
  field: (path: string) => string | undefined;
}

const WATCH: { value: Watch; label: string; hint: string }[] = [
  {
    value: 'metric',
    label: 'A metric',
    hint: 'Every series of the metric is watched on its own; with a service, only its series.',
  },
  {
    value: 'query',
    label: 'PromQL',
    hint: 'Any PromQL expression. Without a threshold, whatever it returns is an alert.',
  },
  { value: 'logs', label: 'Log records', hint: 'Counts what a log search finds in a window of time.' },
  {
    value: 'requests',
    label: 'Requests of services',
    hint: 'Rate, errors and latency from spans. Without a service each one is watched on its own.',
  },
  {
    value: 'silence',
    label: 'Silence',
    hint: 'Fires when something that was there is silent for too long, or never came at all.',
  },
  {
    value: 'alerts',
    label: 'Other alerts',
    hint: 'Names of alerts with and, or, not and parentheses: "High latency" and not "Deploy".',
  },
  {
    value: 'sql',
    label: 'SQL',
    hint: 'A row is an instance: the column value, or the only number, is compared; the others are labels.',
  },
  {
    value: 'words',
    label: 'From its name',
    hint: 'Words of the name choose the figure: cpu, memory, latency, error, request, restart, disk, down. With a service its own, else the host’s.',
  },
  { value: 'manual', label: 'By hand', hint: 'Fires as soon as it is created, until somebody resolves it.' },
];

const QUERY: Partial<Record<Watch, { label: string; placeholder: string }>> = {
  query: { label: 'Query', placeholder: 'sum by (service) (rate(http_server_request_duration_seconds_count[5m]))' },
  logs: { label: 'Log search', placeholder: 'level:error "connection refused"' },
  sql: {
    label: 'SQL',
    placeholder: 'SELECT ServiceName AS service, count() AS value FROM otel_logs … GROUP BY service',
  },
  alerts: { label: 'Expression', placeholder: '"High latency" and not "Deploy"' },
};

const FIGURES = [
  { value: 'error_percent', label: 'Errors, %' },
  { value: 'rate', label: 'Requests per second' },
  { value: 'p50', label: 'Median latency, ms' },
  { value: 'p95', label: 'p95 latency, ms' },
  { value: 'p99', label: 'p99 latency, ms' },
];
const SILENCES = [
  { value: 'metric', label: 'a metric' },
  { value: 'logs', label: 'log records' },
  { value: 'service', label: 'the service' },
];

/** What an alert watches: the kind, and the fields of that kind. */
export function WatchFields({ draft, set, field }: WatchFieldsProps) {
  const { watch } = draft;
  const isSilence = watch === 'silence';
  const query = QUERY[isSilence && draft.silenceOf === 'logs' ? 'logs' : watch];
  const hasMetric = watch === 'metric' || (isSilence && draft.silenceOf === 'metric');
  const hasGroups =
    watch === 'logs' || watch === 'requests' || watch === 'alerts' || (isSilence && query !== undefined);
  return (
    <>
      <div>
        <Select
          label="What to watch"
          data={WATCH}
          allowDeselect={false}
          value={watch}
          onChange={(value) => set({ watch: value as Watch })}
        />
        <p className={classes.hint}>{WATCH.find(({ value }) => value === watch)?.hint}</p>
      </div>
      {isSilence ? (
        <div className={classes.row}>
          <Select
            label="Silence of"
            data={SILENCES}
            allowDeselect={false}
            value={draft.silenceOf}
            error={field('absence')}
            onChange={(silenceOf) => set({ silenceOf: silenceOf as SilenceOf })}
          />
          <TextInput
            label="Silent for"
            value={draft.silentFor}
            error={field('absence.for')}
            onChange={(event) => set({ silentFor: event.currentTarget.value })}
          />
        </div>
      ) : null}
      {hasMetric ? (
        <MetricSelect value={draft.metric} error={field('metric')} onChange={(metric) => set({ metric })} />
      ) : null}
      {query ? (
        <Textarea
          label={query.label}
          placeholder={query.placeholder}
          autosize
          minRows={2}
          spellCheck={false}
          classNames={{ input: 'mono' }}
          value={draft.query}
          error={field('query')}
          onChange={(event) => set({ query: event.currentTarget.value })}
        />
      ) : null}
      {watch === 'requests' ? (
        <div className={classes.row}>
          <Select
            label="Figure"
            data={FIGURES}
            allowDeselect={false}
            value={draft.figure}
            error={field('red.figure')}
            onChange={(figure) => set({ figure: figure as AlertDraft['figure'] })}
          />
          <Autocomplete
            size="xs"
            label="Operation"
            placeholder="All together"
            value={draft.operation}
            error={field('red.operation') ?? field('red.service')}
            onChange={(operation) => set({ operation })}
          />
          <TextInput
            label="At least so many requests"
            inputMode="numeric"
            value={draft.minRequests}
            error={field('red.min_requests')}
            onChange={(event) => set({ minRequests: event.currentTarget.value })}
          />
        </div>
      ) : null}
      {watch === 'logs' || watch === 'requests' || hasGroups ? (
        <div className={classes.row}>
          {watch === 'logs' || watch === 'requests' ? (
            <TextInput
              label="In the last"
              value={draft.window}
              error={field('window')}
              onChange={(event) => set({ window: event.currentTarget.value })}
            />
          ) : null}
          {hasGroups ? (
            <TagsInput
              label="One alert for each"
              placeholder={draft.groupBy.length === 0 ? GROUPS[watch] : ''}
              value={draft.groupBy}
              error={field('group_by')}
              onChange={(groupBy) => set({ groupBy })}
            />
          ) : null}
        </div>
      ) : null}
    </>
  );
}

const GROUPS: Partial<Record<Watch, string>> = {
  logs: 'All together; or service, level, a field',
  requests: 'Service; or operation',
  alerts: 'All together; or labels such as service',
  silence: 'All together; or service, a field',
};
