import type { Channels } from '../../channels/index.ts';
import type { ChannelName } from '../../model/notification-request.ts';
import type { Severity } from '../../model/severity.ts';
import { type ControlStore, suppressionsOf } from '../../stores/control/index.ts';
import type { People } from '../directory/person.ts';
import { rateHold } from '../holding/rate.ts';
import { isCriticalType, planDeliveries } from '../plan.ts';
import type { PlannedDelivery } from '../plan-target.ts';
import { loadPreferences } from './load-preferences.ts';
import { addressesOf, type OrganisationDefaults } from './user-preferences.ts';

export interface Question {
  readonly userId: string;
  readonly type: string;
  /** Left out: the preferences decide. */
  readonly channel?: ChannelName | undefined;
  readonly severity: Severity;
  readonly critical: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Unix milliseconds. */
  readonly at: number;
}

interface ExplainContext {
  readonly store: ControlStore;
  readonly channels: Channels['byName'];
  readonly organisation: OrganisationDefaults;
  readonly people: People;
  readonly isOnline: (userId: string) => boolean;
}

/** What would become of a notification of this kind at that time, and why. Nothing is written or sent. */
export async function explain(question: Question, context: ExplainContext): Promise<PlannedDelivery[]> {
  const { db } = context.store;
  const { userId, type, channel, severity, labels, at } = question;
  const { organisation, channels, isOnline } = context;
  const preferences = await loadPreferences(db, [userId], context.people);
  const request = {
    ...{ type, severity, data: { labels }, users: [userId], addresses: [], defaultRecipients: false },
    critical: question.critical || isCriticalType(type, organisation),
    ...(channel && { channels: [channel] }),
  };
  const planned = planDeliveries(request, {
    ...{ channels, organisation, preferences, isOnline, now: at },
    defaults: { users: [], emails: [] },
    closed: await suppressionsOf(db, addressesOf(preferences.get(userId)!)),
  });
  const result: PlannedDelivery[] = [];
  for (const delivery of planned) {
    const goes = !delivery.suppressed && !delivery.hold && !request.critical && delivery.userId !== null;
    const rate = goes ? await rateHold(db, userId, delivery.channel, { organisation, now: at }) : undefined;
    const trace = rate ? [...delivery.trace, { rule: 'rate limit', result: rate.detail }] : delivery.trace;
    result.push({ ...delivery, trace, ...(rate && { hold: rate }) });
  }
  return result;
}
