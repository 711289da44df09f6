import type { LinkProps } from '@tanstack/react-router';
import { NAVIGATION_GROUPS } from '../navigation-groups.ts';

/** Something that the palette offers to open. */
export interface PaletteEntry {
  readonly group: string;
  readonly label: string;
  /** Beside the label, quieter. */
  readonly detail?: string | undefined;
  readonly to: NonNullable<LinkProps['to']>;
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly search?: Readonly<Record<string, string>> | undefined;
}

/** Pages that stand in no navigation, and what can be begun. */
const FURTHER: readonly PaletteEntry[] = [
  { group: 'Pages', label: 'Service map', to: '/services', search: { view: 'map' } },
  { group: 'Pages', label: 'Cardinality of metrics', to: '/explore/cardinality' },
  { group: 'Pages', label: 'Unused metrics', to: '/explore/unused' },
  { group: 'Pages', label: 'Alert groups', to: '/alerts/groups' },
  { group: 'Pages', label: 'Alert history', to: '/alerts/history' },
  { group: 'Pages', label: 'Silences', to: '/alerts/silences' },
  { group: 'Pages', label: 'Maintenance windows', to: '/alerts/maintenance' },
  { group: 'Pages', label: 'Rule files', to: '/alerts/rule-files' },
  { group: 'Pages', label: 'Correlation rules', to: '/incidents/correlation' },
  { group: 'Pages', label: 'Notification history', to: '/notifications/history' },
  { group: 'Pages', label: 'Scheduled notifications', to: '/notifications/scheduled' },
  { group: 'Pages', label: 'Topics and subscriptions', to: '/notifications/topics' },
  { group: 'Pages', label: 'Notification preferences', to: '/notifications/preferences' },
  { group: 'Pages', label: 'Notification templates', to: '/notifications/templates' },
  { group: 'Begin', label: 'New alert', to: '/alerts/new' },
  { group: 'Begin', label: 'New maintenance window', to: '/alerts/maintenance', search: { id: 'new' } },
  { group: 'Begin', label: 'New schedule of a notification', to: '/notifications/scheduled', search: { new: 'yes' } },
  { group: 'Begin', label: 'New template', to: '/notifications/templates', search: { id: 'new' } },
];

const PLACES: readonly PaletteEntry[] = [
  ...NAVIGATION_GROUPS.flatMap(({ label: detail, entries }) =>
    entries.map(({ to, label }): PaletteEntry => ({ group: 'Pages', label, detail, to: to! })),
  ),
  ...FURTHER,
];

/** The pages whose name has all words of the text; those that begin with it first. */
export function findPlaces(text: string): PaletteEntry[] {
  const wanted = text.trim().toLowerCase();
  const words = wanted.split(/\s+/);
  return PLACES.filter(({ label }) => words.every((word) => label.toLowerCase().includes(word))).sort(
    (a, b) => Number(b.label.toLowerCase().startsWith(wanted)) - Number(a.label.toLowerCase().startsWith(wanted)),
  );
}

const TRACE_ID = /^([0-9a-f]{32}|[0-9a-f]{16})$/i;

/** What can be done with any text: search it in the logs, open it as a trace. */
export function offersFor(text: string): PaletteEntry[] {
  const wanted = text.trim();
  if (wanted === '') return [];
  const group = 'Look for it';
  if (TRACE_ID.test(wanted)) {
    const traceId = wanted.toLowerCase();
    return [
      { group, label: `Open the trace ${traceId}`, to: '/traces/$traceId', params: { traceId } },
      { group, label: 'Its log lines', to: '/logs', search: { trace_id: traceId } },
    ];
  }
  return [{ group, label: `Search the logs for ${wanted}`, to: '/logs', search: { q: wanted } }];
}
