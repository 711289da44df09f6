import { Button } from '@mantine/core';
import { IconCalendarTime } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { patch, remove } from '../../../api-client/http.ts';
import type { NotificationSchedule, Page } from '../../../api-client/types.ts';
import { useLiveQuery } from '../../../api-client/use-live-query.ts';
import { Badge } from '../../../components/badges.tsx';
import { Panel } from '../../../components/panel.tsx';
import { describeRecurrence } from '../../../components/recurrence.ts';
import { EmptyState, Loaded } from '../../../components/states.tsx';
import table from '../../../components/table.module.css';
import { Moment, RelativeTime } from '../../../components/times.tsx';
import { useToast } from '../../../components/toasts.tsx';
import { describeRecipients, SCHEDULES } from './schedules.ts';

/** What is said again and again, or once at a time to come. */
export function ScheduleTable() {
  const query = useLiveQuery<Page<NotificationSchedule>>(SCHEDULES);
  return (
    <Panel title="By the calendar" flush>
      <Loaded
        query={query}
        rows={3}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <EmptyState icon={IconCalendarTime} title="Nothing is scheduled">
            A schedule tells somebody something at a time by the clock on the wall: a report every Monday at eight, a
            reminder on one day. A program sends later with <code>"send_at"</code> or <code>"delay"</code> in{' '}
            <code>POST /api/notifications/notify</code>.
          </EmptyState>
        }
      >
        {({ items }) => (
          <table className={table.table}>
            <thead>
              <tr>
                <th scope="col">Schedule</th>
                <th scope="col" className={table.minor}>
                  To
                </th>
                <th scope="col">When</th>
                <th scope="col">Next</th>
                <th scope="col" className={table.minor}>
                  Last
                </th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((schedule) => (
                <ScheduleRow key={schedule.id} schedule={schedule} />
              ))}
            </tbody>
          </table>
        )}
      </Loaded>
    </Panel>
  );
}

function ScheduleRow({ schedule }: { schedule: NotificationSchedule }) {
  const { subject, message } = schedule.notification;
  return (
    <tr>
      <th scope="row" className={table.wide}>
        {schedule.name}
        <div className={table.detail}>{String(subject || message || '')}</div>
        {schedule.last_error ? <Badge tone="error" soft={false}>{`Failed: ${schedule.last_error}`}</Badge> : null}
      </th>
      <td className={`${table.tight} ${table.minor}`}>{describeRecipients(schedule)}</td>
      <td className={table.tight}>
        {describeRecurrence(schedule.rrule)}, {schedule.start.slice(11, 16)}
        <div className={table.detail}>{schedule.time_zone}</div>
      </td>
      <td className={table.tight}>
        {schedule.next_at ? (
          <Moment time={schedule.next_at} />
        ) : (
          <span className="faint">{schedule.enabled ? 'over' : 'paused'}</span>
        )}
      </td>
      <td className={`${table.tight} ${table.minor} muted`}>
        <RelativeTime time={schedule.last_at} />
      </td>
      <td className={table.tight}>
        <ScheduleActions schedule={schedule} />
      </td>
    </tr>
  );
}

function ScheduleActions({ schedule }: { schedule: NotificationSchedule }) {
  const client = useQueryClient();
  const toast = useToast();
  const path = `${SCHEDULES}/${schedule.id}`;
  const outcome = {
    onError: (error: Error) => toast({ title: 'That did not work', text: error.message, tone: 'error' }),
    onSettled: () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === SCHEDULES }),
  };
  const pause = useMutation({
    mutationFn: () => patch<NotificationSchedule>(path, { enabled: !schedule.enabled }),
    ...outcome,
  });
  const stop = useMutation({
    mutationFn: () => remove(path),
    onSuccess: () => toast({ title: 'Said no more', text: schedule.name, tone: 'ok' }),
    ...outcome,
  });
  const isOver = schedule.enabled && schedule.next_at === null;
  const word = schedule.enabled ? 'Pause' : 'Resume';
  return (
    <Button.Group>
      {isOver ? null : (
        <Button
          size="compact-xs"
          variant="default"
          loading={pause.isPending}
          aria-label={`${word}: ${schedule.name}`}
          onClick={() => pause.mutate()}
        >
          {word}
        </Button>
      )}
      <Button
        size="compact-xs"
        variant="default"
        loading={stop.isPending}
        aria-label={`Stop: ${schedule.name}`}
        onClick={() => stop.mutate()}
      >
        {isOver ? 'Remove' : 'Stop'}
      </Button>
    </Button.Group>
  );
}
