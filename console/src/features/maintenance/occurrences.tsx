import type { MaintenanceWindow } from '../../api-client/types.ts';
import { RelativeTime } from '../../components/times.tsx';
import classes from './occurrences.module.css';

interface OccurrencesProps {
  occurrences: MaintenanceWindow['next_occurrences'];
  /** IANA; times are shown by its clocks. */
  zone: string;
}

/** The next times of a window, by the clocks of its zone. */
export function Occurrences({ occurrences, zone }: OccurrencesProps) {
  if (occurrences.length === 0) return <p className="muted">It is over and does not come again.</p>;
  return (
    <ol className={classes.list}>
      {occurrences.map(({ starts_at, ends_at }) => (
        <li key={starts_at}>
          <span className={classes.day}>{formatIn(starts_at, zone, DAY)}</span>
          <span>
            {formatIn(starts_at, zone, CLOCK)} –{' '}
            {formatIn(ends_at, zone, isSameDay(starts_at, ends_at, zone) ? CLOCK : BOTH)}
          </span>
          <span className="muted">
            <RelativeTime time={starts_at} />
          </span>
        </li>
      ))}
    </ol>
  );
}

const DAY: Intl.DateTimeFormatOptions = { weekday: 'short', day: '2-digit', month: 'short' };
const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
const BOTH: Intl.DateTimeFormatOptions = { weekday: 'short', ...CLOCK };

function isSameDay(a: string, b: string, zone: string): boolean {
  return formatIn(a, zone, DAY) === formatIn(b, zone, DAY);
}

/** Falls back to the reader's zone while another is being written. */
function formatIn(time: string, zone: string, options: Intl.DateTimeFormatOptions): string {
  try {
    return new Intl.DateTimeFormat(undefined, { ...options, timeZone: zone }).format(new Date(time));
  } catch {
    return new Intl.DateTimeFormat(undefined, options).format(new Date(time));
  }
}
