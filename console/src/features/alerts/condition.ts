import type { Alert } from '../../api-client/types.ts';
import { formatterFor } from '../../format/metric-unit.ts';
import { formatMilliseconds, formatPercent, formatPerSecond, formatValue } from '../../format/number.ts';
import { parseSelector } from '../explore/selector.ts';

const SEVERITIES: readonly Alert['severity'][] = ['critical', 'error', 'warning', 'info'];

const FIGURES = {
  rate: formatPerSecond,
  error_percent: formatPercent,
  p50: formatMilliseconds,
  p95: formatMilliseconds,
  p99: formatMilliseconds,
};

/** How values of an alert are shown: with the unit of what it watches, where that is a plain series. */
export function formatAlertValue(
  alert: Pick<Alert, 'query' | 'metric' | 'kind' | 'red'>,
  value: number | null | undefined,
): string {
  if (value === null || value === undefined) return '–';
  if (alert.kind === 'absence') return formatMilliseconds(value * 1000);
  if (alert.red) return FIGURES[alert.red.figure](value);
  if (alert.kind !== 'promql') return formatValue(value);
  const metric = alert.metric ?? parseSelector(alert.query ?? '')?.metric ?? '';
  return formatterFor(metric)(value);
}

/** What an alert waits for, in a line: `> 90 for 5m`. */
export function describeCondition(alert: Alert): string {
  const wait = alert.for === '0s' ? '' : ` for ${alert.for}`;
  if (alert.absence) return `silent for ${alert.absence.for}`;
  if (alert.kind === 'alerts') return `holds${wait}`;
  if (alert.thresholds) {
    const steps = alert.thresholds.map(
      (step) => `${alert.operator ?? '>'} ${formatAlertValue(alert, step.threshold)} (${step.severity})`,
    );
    return `${steps.join(', ')}${wait}`;
  }
  if (alert.threshold !== null) return `${alert.operator ?? '>'} ${formatAlertValue(alert, alert.threshold)}${wait}`;
  if (alert.kind === 'external') return 'until its sender ends it';
  return alert.query ? `any result${wait}` : 'raised by hand';
}

/** Raised by hand, not by a query. */
export function isManual({ kind }: Pick<Alert, 'kind'>): boolean {
  return kind === 'manual' || kind === 'external';
}

/** The state as it is shown: nothing watches on once a manual alert is over. */
export function shownState(alert: Alert): string {
  if (!alert.enabled) return 'disabled';
  return isManual(alert) && alert.state === 'inactive' ? 'ended' : alert.state;
}

/** The name of what is watched. */
export function describeSubject(alert: Alert): string {
  if (alert.kind === 'external') return 'sent, not by a rule';
  return isManual(alert) ? 'Manual alert' : alert.watches;
}

/** Labels that stand beside a list of an alert's instances anyway. */
export const SAID_BESIDE = ['alertname', 'severity'];

/** How bad it is: the worst of what is there now, which several thresholds can make worse than the rule's own. */
export function shownSeverity({ severity, instances }: Pick<Alert, 'severity' | 'instances'>): Alert['severity'] {
  const worst = instances.map((instance) => SEVERITIES.indexOf(instance.severity));
  return SEVERITIES[Math.min(...worst)] ?? severity;
}

/** The lowest threshold: where trouble begins. */
export function firstThreshold(alert: Alert): number | undefined {
  if (alert.threshold !== null) return alert.threshold;
  return alert.thresholds?.map((step) => step.threshold).sort((a, b) => a - b)[0];
}
