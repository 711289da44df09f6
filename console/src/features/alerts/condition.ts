import type { Alert } from '../../api-client/types.ts';
import { formatterFor } from '../../format/metric-unit.ts';
import { parseSelector } from '../explore/selector.ts';

/** How values of an alert are shown: with the unit of what it watches, where that is a plain series. */
export function formatAlertValue(alert: Pick<Alert, 'query' | 'metric'>, value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  const metric = alert.metric ?? parseSelector(alert.query ?? '')?.metric ?? '';
  return formatterFor(metric)(value);
}

/** What an alert waits for, in a line: `> 90 for 5m`. */
export function describeCondition(alert: Alert): string {
  const wait = alert.for === '0s' ? '' : ` for ${alert.for}`;
  if (alert.thresholds) {
    const steps = alert.thresholds.map(
      (step) => `${alert.operator ?? '>'} ${formatAlertValue(alert, step.threshold)} (${step.severity})`,
    );
    return `${steps.join(', ')}${wait}`;
  }
  if (alert.threshold !== null) return `${alert.operator ?? '>'} ${formatAlertValue(alert, alert.threshold)}${wait}`;
  return alert.query ? `any result${wait}` : 'raised by hand';
}

/** Raised by hand, not by a query. */
function isManual(alert: Pick<Alert, 'query' | 'metric'>): boolean {
  return alert.query === null && alert.metric === null;
}

/** The state as it is shown: nothing watches on once a manual alert is over. */
export function shownState(alert: Alert): string {
  if (!alert.enabled) return 'disabled';
  return isManual(alert) && alert.state === 'inactive' ? 'ended' : alert.state;
}

/** The name of what is watched. */
export function describeSubject(alert: Alert): string {
  return alert.query ?? alert.metric ?? 'Manual alert';
}

/** The lowest threshold: where trouble begins. */
export function firstThreshold(alert: Alert): number | undefined {
  if (alert.threshold !== null) return alert.threshold;
  return alert.thresholds?.map((step) => step.threshold).sort((a, b) => a - b)[0];
}
