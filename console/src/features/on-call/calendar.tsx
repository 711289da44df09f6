import type { OnCallSchedule, OnCallShift } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { Sideways } from '../../components/sideways.tsx';
import { Loaded } from '../../components/states.tsx';
import { formatFull } from '../../format/time.ts';
import classes from './on-call-page.module.css';
import { placeIn, type Week } from './weeks.ts';

const COLOURS = 8;
const DAY = new Intl.DateTimeFormat(undefined, { weekday: 'short', day: 'numeric', month: 'short' });
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

/** The final shifts of a schedule, week by week; where nobody is on call, the row is empty. */
export function Calendar({ schedule, weeks }: { schedule: OnCallSchedule; weeks: readonly Week[] }) {
  const range = {
    start: new Date(weeks[0]!.start).toISOString(),
    end: new Date(weeks.at(-1)!.end).toISOString(),
  };
  const query = useLiveQuery<{ items: OnCallShift[] }>(`api/on-call/schedules/${schedule.id}/shifts`, range);
  const now = Date.now();
  const users = usersOf(schedule);
  return (
    <Loaded query={query} rows={weeks.length}>
      {({ items }) => (
        <Sideways className={classes.scroll}>
          <div className={classes.calendar}>
            {weeks.map((week) => (
              <WeekRow key={week.start} week={week} shifts={items} users={users} now={now} />
            ))}
          </div>
        </Sideways>
      )}
    </Loaded>
  );
}

interface WeekRowProps {
  week: Week;
  shifts: readonly OnCallShift[];
  users: readonly string[];
  now: number;
}

function WeekRow({ week, shifts, users, now }: WeekRowProps) {
  const at = placeIn(week, now, now + 1);
  return (
    <div className={classes.week}>
      <div className={classes.days} aria-hidden="true">
        {week.days.map((day, index) => (
          <span key={day} data-today={day <= now && now < (week.days[index + 1] ?? week.end)}>
            {DAY.format(day)}
          </span>
        ))}
      </div>
      <ol className={classes.shifts} aria-label={`Shifts from ${DAY.format(week.start)}`}>
        {shifts.map((shift) => {
          const place = placeIn(week, Date.parse(shift.starts_at), Date.parse(shift.ends_at));
          if (!place) return null;
          return (
            <li
              key={shift.starts_at}
              className={classes.shift}
              data-override={shift.layer === null}
              style={{
                insetInlineStart: `${place.left}%`,
                width: `${place.width}%`,
                ['--colour' as string]: colourOf(shift.user_id, users),
              }}
              title={`${shift.user_id}: ${formatFull(shift.starts_at)} to ${formatFull(shift.ends_at)}, ${shift.layer ?? 'override'}`}
            >
              <span>
                {shift.user_id}
                <span className="visually-hidden">
                  {' '}
                  from {formatFull(shift.starts_at)} to {formatFull(shift.ends_at)}
                  {shift.layer === null ? ', override' : ''}
                </span>
              </span>
              <span className={classes.clock} aria-hidden="true">
                {CLOCK.format(Date.parse(shift.starts_at))}
              </span>
            </li>
          );
        })}
        {at ? <li aria-hidden="true" className={classes.now} style={{ insetInlineStart: `${at.left}%` }} /> : null}
      </ol>
    </div>
  );
}

/** Users in the order of the rotations, then those who stand in: neighbours have different colours. */
function usersOf({ layers, overrides }: OnCallSchedule): string[] {
  const all = [...layers.flatMap(({ participants }) => participants), ...overrides.map(({ user_id: id }) => id)];
  return [...new Set(all)];
}

function colourOf(userId: string, users: readonly string[]): string {
  return `var(--series-${(Math.max(0, users.indexOf(userId)) % COLOURS) + 1})`;
}
