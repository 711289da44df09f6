import type { HealthDependencies } from '../api/index.ts';
import type { TelemetryStore } from '../stores/telemetry/index.ts';
import type { ConfigReload } from './config-reload.ts';
import type { Parts } from './part-metrics.ts';

export interface ServiceState {
  phase: 'starting' | 'ok' | 'stopping';
  /** What does not work as configured although the service runs. */
  readonly warnings: string[];
}

/** A delivery that waits longer than this means that nobody hears of alerts. */
const OLDEST_DELIVERY_MS = 15 * 60_000;
/** Rules that are evaluated this late may miss what they watch for. */
const LATE_EVALUATION_MS = 60_000;

/** What each part says of itself. */
export function healthChecks(
  { telemetry, care, control, pipeline, alerting, notifications }: Parts,
  configReload: Pick<ConfigReload, 'problems'>,
  state: ServiceState,
): HealthDependencies['checks'] {
  return {
    telemetry_store: async () => {
      await telemetry.ping();
      if (!care.budget?.state.exceeded) return { status: 'ok' };
      return { status: 'degraded', detail: 'DISK_BUDGET is less than a day of telemetry: nothing is left to drop' };
    },
    control_store: async () => {
      await control.ping();
      return { status: 'ok' };
    },
    ingest: async () => {
      const inFlight = Object.values(pipeline.inFlight()).reduce((sum, count) => sum + count, 0);
      const stops = refusals(telemetry.logged);
      const problems = [...state.warnings, ...stops, ...writeProblems(telemetry.logged)];
      const detail = [...problems, ...(inFlight > 0 ? [`${inFlight} items on their way to the store`] : [])].join('; ');
      const status = stops.length > 0 ? 'down' : problems.length > 0 ? 'degraded' : 'ok';
      return { status, ...(detail !== '' && { detail }) };
    },
    alerting: async () => {
      const { lagMs } = alerting.stats();
      const problems = [
        ...(lagMs < LATE_EVALUATION_MS
          ? []
          : [`a rule has been waiting for its evaluation for ${Math.round(lagMs / 1000)} s`]),
        ...alerting.configuration.problems.map(({ path, message }) => `${path}: ${message}`),
      ];
      return problems.length > 0 ? { status: 'degraded', detail: problems.join('; ') } : { status: 'ok' };
    },
    configuration: async () => {
      const { problems } = configReload;
      return problems.length > 0 ? { status: 'degraded', detail: notTaken(problems) } : { status: 'ok' };
    },
    notifications: async () => {
      const { oldestAgeMs, waiting, restingEndpoints } = await notifications.status();
      const problems = [
        ...(oldestAgeMs > OLDEST_DELIVERY_MS
          ? [`${waiting} deliveries wait, the oldest for ${Math.round(oldestAgeMs / 60_000)} min`]
          : []),
        ...restingEndpoints.map((endpoint) => `${endpoint} does not answer and is given a rest`),
      ];
      return problems.length > 0 ? { status: 'degraded', detail: problems.join('; ') } : { status: 'ok' };
    },
  };
}

/** That the last reload changed nothing, and why. */
export function notTaken([first, ...others]: readonly string[]): string {
  const more = others.length > 0 ? ` (and ${others.length} more)` : '';
  return `the changed configuration was not taken, the one before goes on: ${first}${more}`;
}

/** Why nothing is taken at present. */
export function refusals(logged: TelemetryStore['logged']): string[] {
  if (!logged) return [];
  const { disk, log } = logged;
  return [
    ...(disk.exhausted
      ? [
          `the disk is full (${mib(disk.freeBytes)} MiB free, ${mib(disk.reserveBytes)} MiB are kept free): telemetry is refused`,
        ]
      : []),
    ...(log.failure ? [`the write-ahead log cannot be written (${log.failure}): restart when the disk is well`] : []),
  ];
}

/** What was taken and cannot go its way. */
export function writeProblems(logged: TelemetryStore['logged']): string[] {
  if (!logged) return [];
  const lost = logged.damage.reduce((sum, { rows }) => sum + (rows ?? 0), 0);
  return [
    ...Object.keys(logged.failures).map((table) => `rows wait in the write-ahead log for the table ${table}`),
    ...(logged.setAsideRows > 0 ? [`${logged.setAsideRows} rows are set aside in telemetry/set-aside`] : []),
    ...(logged.damage.length > 0 ? [`the write-ahead log was damaged at the start: ${lost} rows are lost`] : []),
  ];
}

function mib(bytes: number): number {
  return Math.round(bytes / 1024 ** 2);
}
