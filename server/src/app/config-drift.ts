import type { Alerting } from '../alerting/index.ts';
import type { ConfigDrift, DriftItem } from '../api/index.ts';
import { ConfigError } from '../config/index.ts';
import { configChanges } from './config-changes.ts';
import type { ConfigReload } from './config-reload.ts';

/** How what runs differs from what the configuration says now. */
export function configDrift(
  reload: ConfigReload,
  alerting: Alerting,
): Pick<ConfigDrift, 'in_sync' | 'problems' | 'items'> {
  const { running } = reload;
  const paused = pausedHere(alerting);
  try {
    const items = [...configChanges(running, reload.read()), ...paused];
    return { in_sync: items.length === 0, problems: [], items };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { in_sync: false, problems: [...error.problems], items: paused };
  }
}

function pausedHere(alerting: Alerting): DriftItem[] {
  return alerting
    .list()
    .filter(({ rule }) => rule.provisioned && !rule.enabled)
    .map(({ rule }) => ({ kind: 'alert', name: rule.name, state: 'paused_here', takes_effect: null }));
}
