import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ApiError, post } from '../../api-client/http.ts';
import type { SilencePreview } from '../../api-client/types.ts';
import { SeverityBadge } from '../../components/badges.tsx';
import { Labels } from '../../components/labels.tsx';
import classes from './silence-form.module.css';

const PAUSE_MS = 250;

interface MatchersFieldProps {
  value: string;
  onChange: (matchers: string) => void;
  /** What the service said when it was to be saved. */
  error: Error | null;
}

/** Which alerts are meant; counts while writing those that fire now. */
export function MatchersField({ value, onChange, error }: MatchersFieldProps) {
  const preview = usePreview(value);
  const fault = matcherFault(error) ?? matcherFault(preview.error);
  return (
    <>
      <TextInput
        label="Alerts with these labels"
        description={
          'Matchers with commas between them: =, !=, =~ and !~, such as service="web", severity=~"info|warning"'
        }
        placeholder={'alertname="High CPU usage"'}
        required
        value={value}
        error={fault}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      <p className={classes.count} role="status" aria-label="Silenced now">
        {preview.data && !fault ? describeCount(preview.data) : 'Silences nothing yet'}
      </p>
      {preview.data && !fault && preview.data.count > 0 ? <SilencedAlerts preview={preview.data} /> : null}
    </>
  );
}

/** What the matchers would silence now, once the writer pauses. */
function usePreview(matchers: string) {
  const [asked] = useDebouncedValue(matchers.trim(), PAUSE_MS);
  return useQuery({
    queryKey: ['api/silences/preview', asked],
    queryFn: () => post<SilencePreview>('api/silences/preview', { matchers: asked }),
    enabled: asked.includes('='),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

export function matcherFault(error: Error | null): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  return error.fields.find(({ path }) => path.startsWith('matchers'))?.message;
}

function describeCount({ count, items }: SilencePreview): string {
  if (count === 0) return 'Silences 0 alerts now';
  const names = [...new Set(items.map((item) => item.alert_name))].slice(0, 3).join(', ');
  return `Silences ${count} ${count === 1 ? 'alert' : 'alerts'} now: ${names}`;
}

const SHOWN = 6;

/** Which alerts those are, so that nothing is silenced that was not meant. */
function SilencedAlerts({ preview: { items, count } }: { preview: SilencePreview }) {
  return (
    <ul className={classes.alerts} aria-label="Alerts that this silences now">
      {items.slice(0, SHOWN).map((item) => {
        const { alertname: _name, severity: _severity, ...labels } = item.labels;
        return (
          <li key={item.episode_id}>
            <SeverityBadge severity={item.severity} soft={false} />
            <Link to="/alerts/$alertId" params={{ alertId: item.alert_id }}>
              {item.alert_name}
            </Link>
            <Labels labels={labels} />
          </li>
        );
      })}
      {count > SHOWN ? <li className="muted">and {count - SHOWN} more</li> : null}
    </ul>
  );
}
