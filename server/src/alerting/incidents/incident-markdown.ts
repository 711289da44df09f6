import { formatDuration } from '../../lib/duration.ts';
import { formatMatchers } from '../routing/label-matchers.ts';
import { type Incident, type IncidentMember, incidentStatus } from './incident.ts';
import type { SuspectedCause } from './root-causes.ts';
import type { TimelineEntry } from './timeline.ts';

export interface IncidentReport {
  readonly incident: Incident;
  readonly causes: readonly SuspectedCause[];
  /** Oldest first. */
  readonly timeline: readonly TimelineEntry[];
  /** Earlier entries there was no room for. */
  readonly omitted: boolean;
  /** Of the incident in the console. */
  readonly url: string;
  readonly now: number;
}

const MOST_ALERTS = 100;

/** The incident as the beginning of a post-mortem, Markdown (CommonMark with tables). Times are UTC. */
export function incidentMarkdown({ incident, causes, timeline, omitted, url, now }: IncidentReport): string {
  const members = [...incident.members.values()];
  const services = [...new Set(members.map(({ service }) => service))].filter((service) => service !== '');
  const lasted = formatDuration(Math.round(((incident.resolvedAt ?? now) - incident.openedAt) / 1000) * 1000);
  const facts = [
    ['Status', statusOf(incident)],
    ['Severity', incident.severity],
    ['Opened', time(incident.openedAt)],
    ['Resolved', incident.resolvedAt === null ? 'not yet' : time(incident.resolvedAt)],
    ['Duration', lasted],
    ['Services', services.join(', ') || 'none named'],
    ['Assigned to', incident.assignee ?? 'nobody'],
    ['Link', url],
  ];
  const notes = timeline.filter(({ kind }) => kind === 'commented');
  return [
    `# ${text(incident.title)}`,
    facts.map(([name, value]) => `- **${name}:** ${text(value!)}`).join('\n'),
    '## Suspected cause',
    causes.length === 0 ? 'Nothing is known.' : causes.map(causeLine).join('\n'),
    `## Alerts (${members.length})`,
    alertTable(members.slice(0, MOST_ALERTS)),
    ...(members.length > MOST_ALERTS ? [`And ${members.length - MOST_ALERTS} more.`] : []),
    '## Timeline',
    ...(omitted ? ['Earlier entries are left out.'] : []),
    ['| Time (UTC) | What |', '|---|---|', ...timeline.map((one) => `| ${time(one.at)} | ${cell(one.text)} |`)].join(
      '\n',
    ),
    '## Notes',
    notes.length === 0 ? 'None.' : notes.map((one) => `- ${time(one.at)} ${text(one.text)}`).join('\n'),
    '## Impact\n\n_To be written._',
    '## What we learned\n\n_To be written._',
    '## Actions\n\n- [ ] ',
  ]
    .join('\n\n')
    .concat('\n');
}

function statusOf(incident: Incident): string {
  const { acknowledgement, resolvedBy } = incident;
  const status = incidentStatus(incident);
  if (status === 'acknowledged') return `acknowledged by ${acknowledgement!.by}`;
  return status === 'resolved' && resolvedBy !== null ? `resolved by ${resolvedBy}` : status;
}

function causeLine({ alertName, service, reasons }: SuspectedCause, index: number): string {
  const where = service === '' ? '' : alertName === '' ? text(service) : ` on ${text(service)}`;
  const what = alertName === '' ? `**${where}**` : `**${text(alertName)}**${where}`;
  return `${index + 1}. ${what}: ${text(reasons.join('; ') || 'one of the alerts')}`;
}

function alertTable(members: readonly IncidentMember[]): string {
  const rows = members.map(({ alertName, service, severity, firedAt, endedAt, reason, labels }) => {
    const { alertname: _name, severity: _severity, service: _service, ...others } = labels;
    const matchers = Object.entries(others).map(([name, value]) => ({ name, operator: '=' as const, value }));
    const shown = matchers.length === 0 ? '' : ` \`${formatMatchers(matchers).replaceAll('`', "'")}\``;
    const ended = endedAt === null ? 'fires' : time(endedAt);
    return `| ${cell(alertName)}${cell(shown)} | ${cell(service)} | ${severity} | ${time(firedAt)} | ${ended} | ${cell(reason.text)} |`;
  });
  return ['| Alert | Service | Severity | Fired | Ended | Why here |', '|---|---|---|---|---|---|', ...rows].join('\n');
}

function time(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

/** One line, with what Markdown and HTML would take for markup set apart. */
function text(value: string): string {
  return value.replace(/\s*\n\s*/g, ' ').replace(/[\\*_<>[\]#]/g, '\\$&');
}

function cell(value: string): string {
  return value.startsWith(' `') ? value.replaceAll('|', '\\|') : text(value).replaceAll('|', '\\|');
}
