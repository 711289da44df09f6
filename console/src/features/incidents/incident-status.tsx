import type { IncidentSummary } from '../../api-client/types.ts';
import { Badge, type Tone } from '../../components/badges.tsx';

const STATUS: Record<IncidentSummary['status'], { tone: Tone; word: string }> = {
  open: { tone: 'critical', word: 'Open' },
  acknowledged: { tone: 'info', word: 'Acknowledged' },
  resolved: { tone: 'ok', word: 'Resolved' },
};

/** How an incident stands; snoozed where nobody hears of it for now. */
export function IncidentStatus({ incident }: { incident: Pick<IncidentSummary, 'status' | 'snoozed_until'> }) {
  const { tone, word } = STATUS[incident.status];
  if (incident.snoozed_until && incident.status !== 'resolved') return <Badge tone="unknown">Snoozed</Badge>;
  return <Badge tone={tone}>{word}</Badge>;
}
