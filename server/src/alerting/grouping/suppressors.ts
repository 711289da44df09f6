import { formatInstant } from '../../lib/instant.ts';
import type { FlapBook } from '../flapping/flap-book.ts';
import type { Inhibitor } from '../inhibition/inhibitor.ts';
import type { MaintenanceBook } from '../maintenance/maintenance-book.ts';
import type { SilenceBook } from '../silences/silence-book.ts';
import type { Snooze } from './alert-table.ts';
import type { Suppression } from './decide.ts';
import type { RoutedAlert } from './routed-alert.ts';

export interface Suppressors {
  readonly silences: SilenceBook;
  readonly maintenance: MaintenanceBook;
}

/** Those that live as long as the routing's memory does. */
export interface Watchers {
  readonly inhibitor: Inhibitor;
  readonly flaps: FlapBook;
}

/** Everything but the route that keeps an alert with these labels, which the fingerprint is of, from being told. */
export function findSuppressions(
  { silences, maintenance }: Suppressors,
  { inhibitor, flaps }: Watchers,
  { labels, fingerprint }: Pick<RoutedAlert, 'labels' | 'fingerprint'>,
  now: number,
): Suppression[] {
  const found: Suppression[] = [];
  const inhibition = inhibitor.find(labels);
  if (inhibition) {
    const { source, rule } = inhibition;
    const name = source.labels.alertname ?? source.id;
    const detail = `inhibited while ${name} fires${rule === '' ? '' : ` (rule ${rule})`}`;
    found.push({ kind: 'inhibition', id: source.fingerprint, detail });
  }
  for (const { id, createdBy, comment } of silences.find(labels, now)) {
    found.push({ kind: 'silence', id, detail: `silenced by ${createdBy}: ${comment}` });
  }
  for (const { id, name } of maintenance.find(labels, now)) {
    found.push({ kind: 'maintenance', id, detail: `maintenance: ${name}` });
  }
  if (flaps.isFlapping(fingerprint, now))
    found.push({ kind: 'flapping', id: fingerprint, detail: 'it fires and ends again and again' });
  return found;
}

/** The next moment at which a silence or window begins or ends, or something is calm again, or `undefined`. */
export function nextBoundary({ silences, maintenance }: Suppressors, flaps: FlapBook, now: number): number | undefined {
  const times = [silences.nextBoundary(now), maintenance.nextBoundary(now), flaps.nextBoundary(now)].filter(
    (at) => at !== undefined,
  );
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Somebody wants to hear of the alert later. */
export function snoozedBy(episodeId: string, { by, until }: Snooze): Suppression {
  return { kind: 'snooze', id: episodeId, detail: `snoozed by ${by} until ${formatInstant(until)}` };
}

/** A route that is quiet by a time interval of this name. */
export function mutedBy(name: string): Suppression {
  return { kind: 'time_interval', id: name, detail: `outside of the times of its route (${name})` };
}
