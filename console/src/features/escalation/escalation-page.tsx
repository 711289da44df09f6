import { Button, Modal } from '@mantine/core';
import { IconPlus, IconStairsUp } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { remove } from '../../api-client/http.ts';
import type { EscalationList, EscalationPolicy } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { usePages } from '../../api-client/use-pages.ts';
import { Badge, capital, type Tone } from '../../components/badges.tsx';
import form from '../../components/form.module.css';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../components/states.tsx';
import table from '../../components/table.module.css';
import { Moment, RelativeTime } from '../../components/times.tsx';
import { useToast } from '../../components/toasts.tsx';
import classes from './escalation-page.module.css';
import { lintLines } from './lint-lines.ts';
import { PolicyForm } from './policy-form.tsx';
import { writeTarget } from './targets.ts';

/** Who is told in which order until somebody answers, and what escalates now. */
export function EscalationPage() {
  const [edited, setEdited] = useState<EscalationPolicy | 'new' | undefined>();
  const { query, items } = usePages<EscalationPolicy>('api/escalation-policies', { limit: 100 });
  const add = (
    <Button leftSection={<IconPlus size={14} aria-hidden="true" />} onClick={() => setEdited('new')}>
      New policy
    </Button>
  );
  return (
    <Page title="Escalation" actions={edited ? undefined : add}>
      {edited ? (
        <PolicyForm
          key={edited === 'new' ? 'new' : edited.id}
          policy={edited === 'new' ? undefined : edited}
          onDone={() => setEdited(undefined)}
        />
      ) : null}
      <Running />
      {query.error && !items ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
      {!items && !query.error ? <LoadingRows rows={6} /> : null}
      {items?.length === 0 && !edited ? (
        <EmptyState icon={IconStairsUp} title="No escalation policies">
          A policy tells one after the other until somebody acknowledges. An alert chooses one, or a receiver of the
          routing.
        </EmptyState>
      ) : null}
      {items?.map((policy) => (
        <Policy key={policy.id} policy={policy} onEdit={() => setEdited(policy)} />
      ))}
    </Page>
  );
}

const STATES: Record<EscalationList['items'][number]['state'], Tone> = {
  waiting: 'warning',
  acknowledged: 'ok',
  exhausted: 'critical',
};

function Running() {
  const { data } = useLiveQuery<EscalationList>('api/escalations', { limit: 100 });
  if (!data || data.items.length === 0) return null;
  return (
    <Panel title="Escalating now" flush>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Incident</th>
            <th scope="col">Policy</th>
            <th scope="col">Last step</th>
            <th scope="col">Goes on</th>
            <th scope="col" className={table.minor}>
              Since
            </th>
          </tr>
        </thead>
        <tbody>
          {data.items.map((one) => (
            <tr key={`${one.thread_id} ${one.policy_id}`}>
              <td className={table.tight}>
                <Badge tone={STATES[one.state]}>{capital(one.state)}</Badge>
              </td>
              <th scope="row" className={table.wide}>
                <Link to="/incidents/$incidentId" params={{ incidentId: one.incident_id }}>
                  {one.incident_title}
                </Link>
                {one.held_by ? <div className={table.detail}>held: {one.held_by}</div> : null}
              </th>
              <td className={table.tight}>{one.policy_name}</td>
              <td className={table.tight}>
                {one.last_step === null ? 'none yet' : `${one.last_step} of ${one.steps}`}
                {one.round > 1 ? `, round ${one.round}` : ''}
              </td>
              <td className={table.tight}>{one.next_at ? <Moment time={one.next_at} /> : 'when something happens'}</td>
              <td className={`${table.tight} ${table.minor}`}>
                <RelativeTime time={one.started_at} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Policy({ policy, onEdit }: { policy: EscalationPolicy; onEdit: () => void }) {
  const { data } = useLiveQuery<{ items: NonNullable<EscalationPolicy['lint']> }>(
    `api/escalation-policies/${policy.id}/lint`,
  );
  const isOurs = policy.origin === 'api';
  return (
    <Panel
      title={policy.name}
      note={policy.description || (isOurs ? undefined : 'from the configuration file')}
      actions={
        isOurs ? (
          <div className={form.buttons}>
            <Button size="compact-xs" variant="default" aria-label={`Edit ${policy.name}`} onClick={onEdit}>
              Edit
            </Button>
            <RemovePolicy policy={policy} />
          </div>
        ) : undefined
      }
    >
      <ol className={classes.steps} aria-label={`Steps of ${policy.name}`}>
        {policy.steps.map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps are told apart by their place
          <li key={index} className={classes.step}>
            <span className={classes.number} aria-hidden="true">
              {index + 1}
            </span>
            <div>
              <div className={classes.who}>
                {step.targets.map((target) => (
                  <span key={writeTarget(target)} className={classes.target}>
                    {writeTarget(target)}
                  </span>
                ))}
              </div>
              <div className={classes.when}>{describeStep(step, index === policy.steps.length - 1, policy.repeat)}</div>
            </div>
          </li>
        ))}
      </ol>
      {data && data.items.length > 0 ? (
        <ul className={classes.lint} aria-label={`What may keep ${policy.name} from reaching somebody`}>
          {lintLines(data.items).map(({ level, places, text }) => (
            <li key={`${level} ${text}`}>
              <Badge tone={level}>{capital(level)}</Badge>
              <span>
                <span className="faint">{places}</span> {text}
              </span>
            </li>
          ))}
        </ul>
      ) : null}
    </Panel>
  );
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

function daysOf(days: readonly number[]): string {
  return days.length === 7 ? '' : `${days.map((day) => DAYS[day - 1]).join(', ')} `;
}

function describeStep(step: EscalationPolicy['steps'][number], isLast: boolean, repeat: number): string {
  const { hours, time_zone: zone, min_severity: severity, count } = step.conditions;
  const times = hours.map(({ days, start, end }) => `${daysOf(days)}${start} to ${end}`);
  const parts = [
    ...(severity ? [`from ${severity} on`] : []),
    ...(times.length > 0 ? [`${times.join(', ')} ${zone}`] : []),
    ...(count ? [`after ${count.at_least} in ${count.within}`] : []),
    ...(step.urgency ? [`${step.urgency} urgency`] : []),
  ];
  const after = isLast
    ? repeat > 0
      ? `then ${step.delay}, ${repeat === 1 ? 'once' : `${repeat} times`} anew`
      : ''
    : `then ${step.delay}`;
  return [...parts, after].filter(Boolean).join(' · ');
}

function RemovePolicy({ policy }: { policy: EscalationPolicy }) {
  const [isAsking, setAsking] = useState(false);
  const client = useQueryClient();
  const toast = useToast();
  const drop = useMutation({
    mutationFn: () => remove(`api/escalation-policies/${policy.id}`),
    onSuccess: () => toast({ title: 'Escalation policy removed', text: policy.name, tone: 'ok' }),
    onError: (error) => toast({ title: 'That did not work', text: error.message, tone: 'error' }),
    onSettled: () => {
      setAsking(false);
      return client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === 'api/escalation-policies' });
    },
  });
  return (
    <>
      <Button size="compact-xs" variant="default" aria-label={`Remove ${policy.name}`} onClick={() => setAsking(true)}>
        Remove
      </Button>
      <Modal opened={isAsking} onClose={() => setAsking(false)} title={`Remove ${policy.name}?`}>
        <p>What escalates by it now goes on.</p>
        <div className={form.buttons}>
          <Button color="red" size="sm" loading={drop.isPending} onClick={() => drop.mutate()}>
            Remove
          </Button>
          <Button size="sm" variant="default" onClick={() => setAsking(false)}>
            Cancel
          </Button>
        </div>
      </Modal>
    </>
  );
}
