import { truncate } from '../../lib/truncate.ts';
import { wallClock } from '../../lib/wall-clock.ts';
import { compareSeverity, type Severity } from '../../model/severity.ts';
import type { StoredDelivery, StoredNotification } from '../../stores/control/index.ts';

interface Collected {
  readonly row: StoredDelivery;
  readonly notification: StoredNotification;
}

/** Lines of one message; of more only the number is told. */
const MOST_LINES = 50;

/** What is said of several messages in one. Times are shown by the clock on the wall of `timeZone`. */
export function bundleOf(collected: readonly Collected[], timeZone: string) {
  const lines = collected.slice(0, MOST_LINES).map(({ row, notification }) => ({
    at: shown(notification.created_at, timeZone),
    severity: notification.severity,
    subject: truncate(notification.subject, 200),
    fired_and_resolved: row.collapsed === 2 && /\bresolved$/.test(notification.type),
  }));
  const severity = collected
    .map(({ notification }) => notification.severity as Severity)
    .reduce((worst, one) => (compareSeverity(one, worst) > 0 ? one : worst));
  return {
    type: 'digest',
    template: 'digest',
    severity,
    data: { count: collected.length, more: Math.max(0, collected.length - MOST_LINES), lines },
  };
}

function shown(at: number, timeZone: string): string {
  return wallClock(at, timeZone).toString({ smallestUnit: 'minute' }).replace('T', ' ');
}
