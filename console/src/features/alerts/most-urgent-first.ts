import type { Alert } from '../../api-client/types.ts';
import { shownSeverity } from './condition.ts';

const STATES = { firing: 0, recovering: 1, pending: 2, inactive: 3 };
const SEVERITIES = { critical: 0, error: 1, warning: 2, info: 3 };

/** Firing first, the worst severity first among equals. */
export function mostUrgentFirst(alerts: readonly Alert[]): Alert[] {
  return [...alerts].sort(
    (a, b) =>
      STATES[a.state] - STATES[b.state] ||
      SEVERITIES[shownSeverity(a)] - SEVERITIES[shownSeverity(b)] ||
      a.name.localeCompare(b.name),
  );
}
