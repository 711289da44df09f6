import type { Labels } from '../../model/labels.ts';
import type { Instance } from '../evaluation/live-rule.ts';
import type { RecordedSample } from './ask-rule.ts';

/**
 * The series in which Prometheus keeps its alerts: `ALERTS`, 1 while an alert is pending or firing, and
 * `ALERTS_FOR_STATE`, since when its condition holds, Unix seconds.
 * https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#inspecting-alerts-during-runtime
 */
export function alertSeries(instances: Iterable<Pick<Instance, 'identity' | 'state'>>): RecordedSample[] {
  const samples: RecordedSample[] = [];
  for (const { identity, state } of instances) {
    const alertstate = alertStateOf(state.name);
    if (alertstate === undefined) continue;
    const named = (name: string, more: Labels = {}) => ({ ...identity, ...more, __name__: name });
    samples.push({ labels: named('ALERTS', { alertstate }), value: 1 });
    samples.push({ labels: named('ALERTS_FOR_STATE'), value: Math.floor(state.startedAt / 1000) });
  }
  return samples;
}

/** The state in Prometheus' words; `undefined` where it would know of no alert. */
export function alertStateOf(name: Instance['state']['name']): 'pending' | 'firing' | undefined {
  if (name === 'inactive') return undefined;
  return name === 'pending' ? 'pending' : 'firing';
}
