import {
  type Executor,
  type IncidentDelivery,
  listAlertEventsOfIncident,
  listAnnotations,
  listDeliveriesOfIncident,
  listEvents,
  listIncidentEvents,
  type StoredAlertEvent,
  type StoredAnnotation,
  type StoredEvent,
  type StoredIncidentEvent,
  type TimelinePosition,
} from '../../stores/control/index.ts';
import type { Suppression } from '../grouping/decide.ts';
import type { Incident } from './incident.ts';

/** One thing that happened around an incident. */
export interface TimelineEntry {
  readonly id: string;
  /** Unix milliseconds. */
  readonly at: number;
  readonly source: 'incident' | 'alert' | 'delivery' | 'event';
  /** `fired`, `resolved`, `acknowledged`, `commented`, ...; of a delivery its status, of an event its type. */
  readonly kind: string;
  /** Who did it, where it was a person. */
  readonly by: string | null;
  /** For people, one line. */
  readonly text: string;
  readonly episodeId: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Events of the platform before an incident that may have to do with it. */
const BEFORE_MS = 3_600_000;
const MOST_EVENTS = 500;
/** Services whose names are searched for by the store; of more all events are looked at. */
const MOST_WORDS = 50;

/** What happened, newest first: at most `limit` entries after a position. */
export async function readTimeline(
  db: Executor,
  incident: Incident,
  page: { readonly after?: TimelinePosition | undefined; readonly limit: number },
  now: number,
): Promise<TimelineEntry[]> {
  const { after } = page;
  const [own, alerts, deliveries, events, annotations] = [
    await listIncidentEvents(db, incident.id, page),
    await listAlertEventsOfIncident(db, incident.id, page),
    await listDeliveriesOfIncident(db, incident.id, page),
    await eventsAround(db, incident, now),
    await annotationsAround(db, incident, page, now),
  ];
  // What was made from an event stands there as that event.
  const shown = new Set<string | null>(events.map(({ id }) => id));
  const entries = [
    ...own.map(ofIncident),
    ...alerts.map((event) => ofAlert(event, incident)),
    ...deliveries.map(ofDelivery),
    ...annotations.filter(({ event_id }) => !shown.has(event_id)).map(ofAnnotation),
    ...events.map(ofEvent).filter(({ at, id }) => !after || at < after.at || (at === after.at && id < after.id)),
  ];
  return entries.sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1)).slice(0, page.limit);
}

/** Deploys and other events of the services of the incident, from an hour before it to its end. */
async function eventsAround(db: Executor, incident: Incident, now: number): Promise<StoredEvent[]> {
  const services = new Set([...incident.members.values()].map(({ service }) => service.toLowerCase()));
  services.delete('');
  if (services.size === 0) return [];
  const start = incident.openedAt - BEFORE_MS;
  const words = services.size > MOST_WORDS ? undefined : [...services];
  const found = await listEvents(db, { start, end: (incident.resolvedAt ?? now) + 1, words, limit: MOST_EVENTS });
  return found.filter((event) => wordsOf(event).some((word) => services.has(word)));
}

/** Deploys that were seen in spans, and what people have written down, about its services or about none in particular. */
async function annotationsAround(
  db: Executor,
  incident: Incident,
  { after, limit }: { readonly after?: TimelinePosition | undefined; readonly limit: number },
  now: number,
): Promise<StoredAnnotation[]> {
  const members = [...incident.members.values()];
  const services = [...new Set(['', ...members.map(({ service }) => service)])];
  const environments = new Set(['', ...members.map(({ environment }) => environment)]);
  const times = { start: incident.openedAt - BEFORE_MS, end: (incident.resolvedAt ?? now) + 1 };
  const found = await listAnnotations(db, { ...times, services, after, limit: Math.max(limit, MOST_EVENTS) });
  return found.filter(({ environment }) => environments.has(environment));
}

/** What an event may name its service by: the subject, the parts of its source, `service` among its data. */
function wordsOf({ source, subject, data }: StoredEvent): string[] {
  const content = parsed(data);
  const named = [content.service, content['service.name'], content.service_name].filter(
    (one) => typeof one === 'string',
  );
  return [subject ?? '', ...source.split('/'), ...named].map((word) => word.toLowerCase());
}

function ofIncident({ id, at, kind, actor, detail }: StoredIncidentEvent): TimelineEntry {
  const facts = parsed(detail);
  const note = typeof facts.note === 'string' ? `: ${facts.note}` : '';
  const text: Record<string, string> = {
    acknowledged: `${actor} acknowledged the incident${note}`,
    unacknowledged: `No longer acknowledged: ${facts.because}`,
    snoozed: `${actor} snoozed the incident until ${shownTime(facts.until)}${note}`,
    snooze_ended: 'The snooze is over',
    assigned:
      facts.to === null ? `${actor} took the assignee away${note}` : `${actor} assigned it to ${facts.to}${note}`,
    commented: `${actor}${note}`,
    resolved: actor === null ? 'Resolved: nothing of it fires any more' : `${actor} resolved the incident`,
    reopened: `Opened again: ${facts.reason}`,
    severity_raised: `Severity rose to ${facts.severity}`,
    merged: facts.because
      ? `${facts.into ? `Goes on as ${facts.title},` : facts.title} ${facts.because}`
      : facts.into
        ? `${actor} merged it into ${facts.title}${note}`
        : `${actor} merged ${facts.title} into it${note}`,
    split: facts.into ? `${actor} split ${facts.title} off${note}` : `${actor} split it from ${facts.title}${note}`,
  };
  const line = text[kind] ?? escalationText(kind, facts) ?? kind.replaceAll('_', ' ');
  return { id, at, source: 'incident', kind, by: actor, text: line, episodeId: null, detail: facts };
}

/** `web, step 2 of round 1: ben was paged`. */
function escalationText(kind: string, facts: Record<string, unknown>): string | undefined {
  const { policy, step, round, targets, missing, to, reason, cause, steps, until, suppressed_by: suppressor } = facts;
  const place = `Escalation ${policy}, step ${step}${typeof round === 'number' && round > 1 ? `, round ${round}` : ''}`;
  const nobody = Array.isArray(missing) && missing.length > 0 ? ` (${missing.join('; ')})` : '';
  const skipped = Array.isArray(steps) ? (steps as { step: number; why: string }[]) : [];
  const text: Record<string, string> = {
    escalated: `${place}: told ${[targets].flat().join(', ')}${nobody}`,
    escalation_fallback: `${place} reached nobody (${reason}): told the ${to}`,
    escalation_skipped: `Escalation ${policy} passed over ${skipped.map((one) => `step ${one.step} (${one.why})`).join(', ')}`,
    escalation_postponed: suppressor
      ? `Escalation ${policy} waits: ${suppressor}`
      : `${place} waits for its hours${typeof until === 'string' ? `, until ${until.slice(0, 16).replace('T', ' ')} UTC` : ''}`,
    escalation_exhausted: `Escalation ${policy} is at its end: nobody has acknowledged`,
    escalation_restarted: `Escalation ${policy} ${cause === 'severity_up' ? `begins anew: severity ${facts.severity}` : 'goes on: a new alert joined'}`,
    acknowledgement_expired: `An acknowledgement is over: escalation ${policy} goes on`,
  };
  return text[kind];
}

function ofAlert({ id, at, kind, actor, episode_id, detail }: StoredAlertEvent, incident: Incident): TimelineEntry {
  const facts = parsed(detail);
  const member = incident.members.get(episode_id ?? '');
  const name = member ? `${member.alertName}${member.service === '' ? '' : ` on ${member.service}`}` : 'An alert';
  const note = typeof facts.note === 'string' ? `: ${facts.note}` : '';
  const value = typeof facts.value === 'number' ? ` at ${shownNumber(facts.value)}` : '';
  const text: Record<string, string> = {
    fired: `${name} fired${value}${member ? ` (${member.reason.before ?? member.reason.text})` : ''}`,
    resolved: `${name} ended${actor ? ` by ${actor}` : ''}${note}`,
    recovering: `${name} recovers${value}`,
    severity_raised: `${name} is now ${facts.severity}${value}`,
    severity_lowered: `${name} is now ${facts.severity}${value}`,
    acknowledged: `${actor} acknowledged ${name}${note}`,
    snoozed: `${actor} snoozed ${name} until ${shownTime(facts.until)}${note}`,
    suppressed: `${name} was not told: ${suppressorsText([facts.suppressed_by].flat())}`,
  };
  const line = text[kind] ?? `${name}: ${kind.replaceAll('_', ' ')}`;
  return { id, at, source: 'alert', kind, by: actor, text: line, episodeId: episode_id, detail: facts };
}

/** In words, what keeps an alert from being told. */
const SUPPRESSORS: Readonly<Record<Suppression['kind'], string>> = {
  silence: 'silenced',
  maintenance: 'under maintenance',
  inhibition: 'inhibited by another alert',
  time_interval: 'outside of the times of its route',
  flapping: 'it fires and ends again and again',
  snooze: 'snoozed',
};

/** Each kind once: which silence it was stands in the detail of the entry. */
function suppressorsText(keys: readonly unknown[]): string {
  const kinds = keys.map((key) => String(key).split(':', 1)[0] as Suppression['kind']);
  return [...new Set(kinds.map((kind) => SUPPRESSORS[kind] ?? kind))].join(', ');
}

function ofDelivery(row: IncidentDelivery): TimelineEntry {
  const { id, at, status, channel, recipient, user_id, reason, subject, notification_id, type, sent_at } = row;
  const who = user_id === null ? recipient : user_id === recipient ? user_id : `${user_id} (${recipient})`;
  const why = reason === null ? '' : ` (${reason.replaceAll('_', ' ')})`;
  const how = channel.replaceAll('_', '-');
  const text = `${who || how} by ${how}: ${subject}, ${status}${why}`;
  const detail = { notification_id, channel, recipient, status, reason, type, sent_at };
  return { id, at, source: 'delivery', kind: status, by: null, text, episodeId: null, detail };
}

function ofEvent({ id, type, source, subject, occurred_at, received_at, data }: StoredEvent): TimelineEntry {
  const facts = parsed(data);
  const title = [facts.title, facts.summary].find((one) => typeof one === 'string' && one !== '');
  const named = title ?? subject;
  const text = `${type} from ${source}${named === null ? '' : `: ${named}`}`;
  const detail = { type, source, subject, data: JSON.parse(data) as unknown };
  return { id, at: occurred_at ?? received_at, source: 'event', kind: type, by: null, text, episodeId: null, detail };
}

function ofAnnotation(row: StoredAnnotation): TimelineEntry {
  const { id, at, kind, title, text, service, environment, version, url, created_by: by } = row;
  const line = text === '' || text === title ? title : `${title}. ${text}`;
  const detail = { service, environment, version, url };
  return { id, at, source: 'event', kind, by: kind === 'note' ? by : null, text: line, episodeId: null, detail };
}

function parsed(json: string): Record<string, unknown> {
  const value: unknown = JSON.parse(json);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function shownTime(time: unknown): string {
  return typeof time === 'number' ? `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC` : 'later';
}

function shownNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}
