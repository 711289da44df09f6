import { contentOf } from '../grouping/group-notice.ts';
import type { Turn } from '../grouping/turn.ts';
import type { Incident } from '../incidents/incident.ts';
import type { NotificationCentre } from '../notices/notification-centre.ts';
import { endedAlerts, type FindAlert } from './escalated-alerts.ts';
import type { Escalation } from './escalation.ts';
import { aboutIncident } from './page.ts';

interface EndNoticeOptions {
  readonly notifications: NotificationCentre;
  readonly findAlert: FindAlert;
  readonly threadsOf: (episodeId: string) => readonly string[];
  readonly publicUrl: string;
}

/** Tells everybody whom the escalation has told, unless they hear of it by the alert's own receiver. True where it did. */
export async function tellEnd(
  escalation: Escalation,
  incident: Incident,
  turn: Turn,
  { notifications, findAlert, threadsOf, publicUrl }: EndNoticeOptions,
): Promise<boolean> {
  const { policy, threadId, startedAt } = escalation;
  const ended = await endedAlerts(turn.executor, incident, policy.id, startedAt, findAlert);
  if (ended.length === 0) return false;
  const content = contentOf({
    group: { receiver: policy.name, routeKey: `incident:${incident.id}`, labels: {} },
    reason: 'all_resolved',
    firing: [],
    resolved: ended.map((alert) => ({ alert })),
    now: turn.at,
    publicUrl,
    forPrograms: true,
    incidentId: incident.id,
  });
  const sent = await notifications.enqueue(turn.executor, {
    ...content,
    data: { ...content.data, incident: aboutIncident(incident, publicUrl) },
    ...{ users: [], addresses: [], defaultRecipients: false, episodeId: threadId, followsEpisode: true },
    exceptFollowersOf: [...new Set(ended.flatMap(({ id }) => threadsOf(id)))],
    dedupKey: `${threadId}:end`,
  });
  for (const { id } of ended) turn.link(sent.id, id);
  return sent.deliveries.length > 0;
}
