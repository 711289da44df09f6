import { Select, Textarea } from '@mantine/core';
import { IconBellOff, IconSend } from '@tabler/icons-react';
import type { AlertGroup, Page, RouteTest } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { nameOfChannel } from '../../components/channel-names.ts';
import { Labels } from '../../components/labels.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState } from '../../components/states.tsx';
import { formatSeconds } from '../../format/number.ts';
import { formatLabels } from './labels-text.ts';
import classes from './route-tester.module.css';

interface RouteTesterProps {
  text: string;
  onText: (text: string) => void;
  fault: string | undefined;
  test: RouteTest | undefined;
  error: Error | null;
}

/** Labels in; who would hear of such an alert now, when, and what would keep it quiet. */
export function RouteTester({ text, onText, fault, test, error }: RouteTesterProps) {
  return (
    <Panel title="Who would hear?" note="a test: nobody is told">
      <div className={classes.form}>
        <Textarea
          label="An alert with these labels"
          placeholder="severity=critical, service=simulation"
          autosize
          minRows={2}
          maxRows={8}
          spellCheck={false}
          classNames={{ input: 'mono' }}
          value={text}
          error={fault ?? error?.message}
          onChange={(event) => onText(event.currentTarget.value)}
        />
        <FiringAlerts onChoose={(labels) => onText(formatLabels(labels))} />
      </div>
      {test && !fault ? <Outcome test={test} /> : null}
      {!test && !fault ? (
        <EmptyState icon={IconSend} title="Write labels to see their way">
          The routes that the alert takes are marked in the tree.
        </EmptyState>
      ) : null}
    </Panel>
  );
}

/** The labels of an alert that fires now, to start from. */
function FiringAlerts({ onChoose }: { onChoose: (labels: Record<string, string>) => void }) {
  const { data } = useLiveQuery<Page<AlertGroup>>('api/alerts/groups', { limit: 50 });
  const alerts = (data?.items ?? []).flatMap((group) => group.alerts).filter(({ state }) => state === 'firing');
  const byText = new Map(alerts.map(({ labels }) => [formatLabels(labels), labels]));
  if (byText.size === 0) return null;
  return (
    <Select
      aria-label="Labels of an alert that fires"
      placeholder="Take those of an alert that fires"
      searchable
      value={null}
      data={[...byText.keys()].slice(0, 100)}
      onChange={(value) => {
        if (value !== null) onChoose(byText.get(value)!);
      }}
    />
  );
}

function Outcome({ test }: { test: RouteTest }) {
  return (
    <div className={classes.outcome} role="status">
      {test.suppressed_by.map(({ kind, id, detail }) => (
        <p key={`${kind} ${id}`} className={classes.quiet}>
          <IconBellOff size={15} aria-hidden="true" />
          Nobody now: {detail}
        </p>
      ))}
      {test.routes.map((route) => (
        <article key={route.route_key} className={classes.way} aria-label={`To ${route.receiver}`}>
          <div className={classes.path}>
            {route.path.map((step, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a path may name the same twice
              <span key={index}>{step === '{}' ? 'Every alert' : step.slice(1, -1).replaceAll(',', ', ')}</span>
            ))}
          </div>
          <h3 className={classes.receiver}>{route.receiver}</h3>
          {route.recipients.length === 0 ? <p className={classes.nobody}>It has no recipients: nobody hears.</p> : null}
          <ul className={classes.recipients}>
            {route.recipients.map(({ channel, recipient }) => (
              <li key={`${channel} ${recipient}`}>
                <span className={classes.channel}>{channel === 'default' ? 'Default' : nameOfChannel(channel)}</span>{' '}
                {recipient}
              </li>
            ))}
          </ul>
          <dl className={classes.facts}>
            <dt>Group</dt>
            <dd>
              {Object.keys(route.group_labels).length === 0 ? (
                describeGrouping(route.group_by)
              ) : (
                <Labels labels={route.group_labels} />
              )}
            </dd>
            <dt>When</dt>
            <dd>
              {route.group_wait_seconds === 0 ? 'at once' : `after ${formatSeconds(route.group_wait_seconds)}`}, news
              every {formatSeconds(route.group_interval_seconds)},{' '}
              {route.repeat_interval_seconds === 0
                ? 'not repeated'
                : `repeated every ${formatSeconds(route.repeat_interval_seconds)}`}
            </dd>
          </dl>
          {route.muted_by ? (
            <p className={classes.quiet}>
              <IconBellOff size={15} aria-hidden="true" />
              Quiet now, by the time interval {route.muted_by}
            </p>
          ) : null}
        </article>
      ))}
    </div>
  );
}

/** Of an alert that has none of the labels by which its route groups. */
function describeGrouping(names: readonly string[]): string {
  return names.length === 0 ? 'all together' : `with others that have no ${names.join(', ')}`;
}
