import { Button, Modal } from '@mantine/core';
import { IconCalendarUser, IconPlus } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { remove } from '../../api-client/http.ts';
import type { OnCallSchedule, OnCallShift } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { usePages } from '../../api-client/use-pages.ts';
import { useSearchState } from '../../app/search-state.ts';
import { Badge } from '../../components/badges.tsx';
import form from '../../components/form.module.css';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../components/states.tsx';
import { Moment } from '../../components/times.tsx';
import { useToast } from '../../components/toasts.tsx';
import { Calendar } from './calendar.tsx';
import classes from './on-call-page.module.css';
import { OverrideForm } from './override-form.tsx';
import { ScheduleForm } from './schedule-form.tsx';
import { useOnCallRefresh } from './use-on-call-refresh.ts';
import { weeksFrom } from './weeks.ts';

const WEEKS = 4;
const DAY_MS = 86_400_000;

/** Who is on call, and when: each schedule with a calendar of its shifts. */
export function OnCallPage() {
  const [{ from }, change] = useSearchState<{ from?: string | undefined }>();
  const [edited, setEdited] = useState<OnCallSchedule | 'new' | undefined>();
  const { query, items } = usePages<OnCallSchedule>('api/on-call/schedules', { limit: 100 });
  const start = from ? Date.parse(from) : Number.NaN;
  const weeks = weeksFrom(Number.isNaN(start) ? Date.now() : start, WEEKS);
  const go = (days: number) => change({ from: new Date(weeks[0]!.start + days * DAY_MS).toISOString() });
  const isEmpty = items?.length === 0;
  return (
    <Page
      title="On call"
      actions={
        <>
          {isEmpty ? null : (
            <>
              <Button variant="default" aria-label="Four weeks earlier" onClick={() => go(-WEEKS * 7 + 1)}>
                Earlier
              </Button>
              <Button variant="default" disabled={!from} onClick={() => change({ from: undefined })}>
                Today
              </Button>
              <Button variant="default" aria-label="Four weeks later" onClick={() => go(WEEKS * 7 + 1)}>
                Later
              </Button>
            </>
          )}
          {edited ? null : (
            <Button leftSection={<IconPlus size={14} aria-hidden="true" />} onClick={() => setEdited('new')}>
              New schedule
            </Button>
          )}
        </>
      }
    >
      {edited ? (
        <ScheduleForm
          key={edited === 'new' ? 'new' : edited.id}
          schedule={edited === 'new' ? undefined : edited}
          onDone={() => setEdited(undefined)}
        />
      ) : null}
      {query.error && !items ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
      {!items && !query.error ? <LoadingRows rows={8} /> : null}
      {isEmpty && !edited ? (
        <EmptyState icon={IconCalendarUser} title="No on-call schedules">
          A schedule says who is on call at any moment: rotations by the clocks of a time zone, and overrides for
          holidays and swaps.
        </EmptyState>
      ) : null}
      {items?.map((schedule) => (
        <Schedule key={schedule.id} schedule={schedule} weeks={weeks} onEdit={() => setEdited(schedule)} />
      ))}
    </Page>
  );
}

interface ScheduleProps {
  schedule: OnCallSchedule;
  weeks: ReturnType<typeof weeksFrom>;
  onEdit: () => void;
}

function Schedule({ schedule, weeks, onEdit }: ScheduleProps) {
  const [isStandingIn, setStandingIn] = useState(false);
  const { name, time_zone: timeZone, overrides } = schedule;
  return (
    <Panel
      title={name}
      note={timeZone}
      actions={
        <div className={form.buttons}>
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`Override ${name}`}
            onClick={() => setStandingIn(!isStandingIn)}
          >
            Override
          </Button>
          <Button size="compact-xs" variant="default" aria-label={`Edit ${name}`} onClick={onEdit}>
            Edit
          </Button>
          <RemoveSchedule schedule={schedule} />
        </div>
      }
    >
      <OnCallNow schedule={schedule} />
      {isStandingIn ? <OverrideForm schedule={schedule} onDone={() => setStandingIn(false)} /> : null}
      <Calendar schedule={schedule} weeks={weeks} />
      {overrides.length > 0 ? (
        <ul className={classes.overrides} aria-label={`Overrides of ${name}`}>
          {overrides.map((override) => (
            <Override key={override.id} schedule={schedule} override={override} />
          ))}
        </ul>
      ) : null}
    </Panel>
  );
}

function OnCallNow({ schedule }: { schedule: OnCallSchedule }) {
  const { data } = useLiveQuery<{ on_call: OnCallShift | null }>(`api/on-call/schedules/${schedule.id}/on-call`);
  if (!data) return null;
  const { on_call: shift } = data;
  return (
    <p className={classes.current}>
      {shift ? (
        <>
          <strong>{shift.user_id}</strong> is on call until <Moment time={shift.ends_at} />
        </>
      ) : (
        <Badge tone="warning">Nobody is on call now</Badge>
      )}
    </p>
  );
}

function Override({ schedule, override }: { schedule: OnCallSchedule; override: OnCallSchedule['overrides'][number] }) {
  const toast = useToast();
  const refresh = useOnCallRefresh();
  const drop = useMutation({
    mutationFn: () => remove(`api/on-call/schedules/${schedule.id}/overrides/${override.id}`),
    onError: (error) => toast({ title: 'That did not work', text: error.message, tone: 'error' }),
    onSettled: refresh,
  });
  return (
    <li>
      <span>
        <strong>{override.user_id}</strong> stands in from <Moment time={override.starts_at} /> to{' '}
        <Moment time={override.ends_at} /> <span className="faint">by {override.created_by}</span>
      </span>
      <Button
        size="compact-xs"
        variant="default"
        loading={drop.isPending}
        aria-label={`Remove the override of ${override.user_id}`}
        onClick={() => drop.mutate()}
      >
        Remove
      </Button>
    </li>
  );
}

function RemoveSchedule({ schedule }: { schedule: OnCallSchedule }) {
  const [isAsking, setAsking] = useState(false);
  const toast = useToast();
  const refresh = useOnCallRefresh();
  const drop = useMutation({
    mutationFn: () => remove(`api/on-call/schedules/${schedule.id}`),
    onError: (error) => toast({ title: 'That did not work', text: error.message, tone: 'error' }),
    onSettled: () => {
      setAsking(false);
      return refresh();
    },
  });
  return (
    <>
      <Button
        size="compact-xs"
        variant="default"
        aria-label={`Remove ${schedule.name}`}
        onClick={() => setAsking(true)}
      >
        Remove
      </Button>
      <Modal opened={isAsking} onClose={() => setAsking(false)} title={`Remove ${schedule.name}?`}>
        <p>Its overrides go with it. Escalation steps that name it reach nobody then.</p>
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
