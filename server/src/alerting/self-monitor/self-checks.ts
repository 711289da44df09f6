import type { ChannelName } from '../../model/notification-request.ts';
import { type ControlStore, listDueEscalations } from '../../stores/control/index.ts';
import type { SelfFinding } from './self-monitor.ts';

/** How deliveries fare. */
export interface DeliveryHealth {
  readonly waiting: number;
  /** Milliseconds. */
  readonly oldestAgeMs: number;
  /** Given up within the last hour, or (alerts) refused by a channel that is gone or does not know us. */
  readonly dead: readonly { readonly channel: ChannelName; readonly count: number }[];
  readonly failing: readonly { readonly channel: ChannelName; readonly endpoint: string }[];
}

/** An escalation that is so late means that the next ones are not told. */
const LATE_ESCALATION_MS = 5 * 60_000;
const MOST_COUNTED = 1000;
/** A delivery that waits longer than this means that nobody hears of alerts. */
const OLDEST_DELIVERY_MS = 15 * 60_000;

/** What is wrong with deliveries. */
export function deliveryFindings({ waiting, oldestAgeMs, dead, failing }: DeliveryHealth): SelfFinding[] {
  const findings: SelfFinding[] = [];
  if (oldestAgeMs > OLDEST_DELIVERY_MS) {
    const summary = `${waiting} deliveries wait, the oldest for ${Math.round(oldestAgeMs / 60_000)} minutes`;
    // Where it is one channel that waits, its own alert says so and goes elsewhere.
    const [only, ...others] = failing;
    const channel = only && others.length === 0 ? { channel: only.channel } : {};
    findings.push({ alert: 'NotificationsLate', severity: 'error', summary, ...channel });
  }
  for (const { channel, count } of dead) {
    const summary = `${count} notifications by ${channel} were given up or refused within the last hour`;
    findings.push({ alert: 'NotificationsLost', labels: { channel }, severity: 'error', summary, channel });
  }
  for (const { channel, endpoint } of failing) {
    const summary = `${endpoint} does not take notifications by ${channel}: they wait`;
    findings.push({ alert: 'ChannelFailing', labels: { channel, endpoint }, severity: 'error', summary, channel });
  }
  return findings;
}

/** Escalations that should have gone on long ago. */
export async function escalationFindings(store: ControlStore, now: number): Promise<SelfFinding[]> {
  const late = await listDueEscalations(store.db, now - LATE_ESCALATION_MS, MOST_COUNTED);
  const [oldest] = late;
  if (!oldest) return [];
  const minutes = Math.round((now - oldest.next_at!) / 60_000);
  const summary = `escalations do not go on: ${late.length} are late, the oldest by ${minutes} minutes`;
  return [{ alert: 'EscalationsStuck', severity: 'critical', summary, pastRouting: true }];
}
