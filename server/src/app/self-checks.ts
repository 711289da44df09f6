import type { SelfFinding } from '../alerting/index.ts';
import type { TelemetryStore } from '../stores/telemetry/index.ts';
import type { ConfigReload } from './config-reload.ts';
import { notTaken, refusals, writeProblems } from './health-checks.ts';
import type { StorageCare } from './storage-care.ts';

/** What is wrong with taking and keeping telemetry, and with the configuration file as it was read last. */
export function selfChecks(
  telemetry: TelemetryStore,
  care: StorageCare,
  { problems: mistakes }: Pick<ConfigReload, 'problems'>,
): SelfFinding[] {
  const { logged } = telemetry;
  const findings: SelfFinding[] = [];
  for (const summary of refusals(logged)) findings.push({ alert: 'TelemetryRefused', severity: 'critical', summary });
  const [problem] = writeProblems(logged);
  if (problem !== undefined) findings.push({ alert: 'TelemetryNotStored', severity: 'error', summary: problem });
  if (care.budget?.state.exceeded) {
    const summary = 'DISK_BUDGET is less than a day of telemetry: nothing is left to drop';
    findings.push({ alert: 'DiskBudgetExceeded', severity: 'warning', summary });
  }
  if (mistakes.length > 0) {
    findings.push({ alert: 'ConfigurationNotTaken', severity: 'warning', summary: notTaken(mistakes) });
  }
  return findings;
}
