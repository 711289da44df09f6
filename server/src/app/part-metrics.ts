import type { Alerting } from '../alerting/index.ts';
import type { DockerCollector } from '../collectors/docker/index.ts';
import type { HostCollector } from '../collectors/host/index.ts';
import type { ScrapeCollector } from '../collectors/scrape/index.ts';
import type { Notifications } from '../notifications/index.ts';
import type { IntakeStats, Pipeline } from '../pipeline/index.ts';
import type { PromqlEngine } from '../query/promql/index.ts';
import type { ControlStore } from '../stores/control/index.ts';
import type { RedStore, TelemetryStore } from '../stores/telemetry/index.ts';
import type { OwnMetric } from './own-metrics.ts';
import type { StorageCare } from './storage-care.ts';

/** The parts of a running service. */
export interface Parts {
  readonly control: ControlStore;
  readonly telemetry: TelemetryStore;
  readonly care: StorageCare;
  readonly red: RedStore;
  readonly pipeline: Pipeline;
  readonly host: HostCollector;
  readonly docker: DockerCollector;
  readonly scrape: ScrapeCollector;
  readonly promql: PromqlEngine;
  readonly notifications: Notifications;
  readonly alerting: Alerting;
}

/** What the parts count, under the service's own metric names. */
export function partMetrics({ pipeline, scrape, alerting, notifications, telemetry, care }: Parts): OwnMetric[] {
  const perIntake = (value: (stats: IntakeStats) => number) => () =>
    pipeline.stats().map((stats) => ({ labels: { source: stats.source, signal: stats.signal }, value: value(stats) }));
  const perReason = (counts: (stats: IntakeStats) => Readonly<Record<string, number>>) => () =>
    pipeline.stats().flatMap((stats) => {
      const { source, signal } = stats;
      return Object.entries(counts(stats)).map(([reason, value]) => ({ labels: { source, signal, reason }, value }));
    });
  return [
    {
      name: 'system_service_ingest_accepted_total',
      help: 'Items stored, by source and signal',
      type: 'counter',
      read: perIntake((stats) => stats.accepted),
    },
    {
      name: 'system_service_ingest_failed_total',
      help: 'Good items that could not be stored; the sender was told to try again',
      type: 'counter',
      read: perIntake((stats) => stats.failed),
    },
    {
      name: 'system_service_ingest_rejected_total',
      help: 'Items refused for what they are, by reason',
      type: 'counter',
      read: perReason(({ rejected }) => rejected),
    },
    {
      name: 'system_service_ingest_refused_requests_total',
      help: 'Requests that were refused whole, before they had items, by reason',
      type: 'counter',
      read: perReason(({ refusedRequests }) => refusedRequests),
    },
    {
      name: 'system_service_ingest_dropped_total',
      help: 'Items left out because the configuration says so, by reason',
      type: 'counter',
      read: perReason(({ dropped }) => dropped),
    },
    {
      name: 'system_service_ingest_rate_limited_total',
      help: 'Items beyond a rate limit; the sender was told to try again',
      type: 'counter',
      read: perIntake((stats) => stats.rateLimited),
    },
    {
      name: 'system_service_ingest_truncated_total',
      help: 'Texts that were cut and attributes, events or links that were left out',
      type: 'counter',
      read: perIntake((stats) => stats.truncated),
    },
    {
      name: 'system_service_ingest_redacted_total',
      help: 'Values from which secrets were taken',
      type: 'counter',
      read: perIntake((stats) => stats.redacted),
    },
    {
      name: 'system_service_ingest_in_flight',
      help: 'Items on their way to the store',
      type: 'gauge',
      read: () => Object.entries(pipeline.inFlight()).map(([signal, value]) => ({ labels: { signal }, value })),
    },
    ...writeMetrics(telemetry),
    {
      name: 'system_service_scrape_dropped_samples_total',
      help: 'Scraped samples that were lost because the store took none for too long',
      type: 'counter',
      read: () => [{ labels: {}, value: scrape.droppedSamples }],
    },
    {
      name: 'system_service_active_series',
      help: 'Metric series in the label index',
      type: 'gauge',
      read: async () => [{ labels: {}, value: (await telemetry.stats()).activeSeries }],
    },
    {
      name: 'system_service_stored_bytes',
      help: 'Bytes on disk, by table',
      type: 'gauge',
      read: async () =>
        (await telemetry.stats()).tables.map(({ table, bytes }) => ({ labels: { table }, value: bytes })),
    },
    {
      name: 'system_service_disk_budget_bytes',
      help: 'DISK_BUDGET; none without one',
      type: 'gauge',
      read: () => (care.budget ? [{ labels: {}, value: care.budget.state.limitBytes }] : []),
    },
    {
      name: 'system_service_disk_budget_dropped_bytes_total',
      help: 'Bytes of the oldest days that were dropped for DISK_BUDGET',
      type: 'counter',
      read: () => (care.budget ? [{ labels: {}, value: care.budget.state.droppedBytes }] : []),
    },
    {
      name: 'system_service_alert_rules',
      help: 'Alert rules, by state',
      type: 'gauge',
      read: () => {
        const { states } = alerting.stats();
        return Object.entries(states).map(([state, value]) => ({ labels: { state }, value }));
      },
    },
    {
      name: 'system_service_alert_evaluation_failures_total',
      help: 'Evaluations of alert rules that failed',
      type: 'counter',
      read: () => [{ labels: {}, value: alerting.stats().evaluationFailures }],
    },
    {
      name: 'system_service_rule_group_iterations_missed_total',
      help: 'Evaluations of groups of rules that were left out, because the one before took too long',
      type: 'counter',
      read: () => alerting.ruleGroups.list().map(({ key, missed }) => ({ labels: { rule_group: key }, value: missed })),
    },
    {
      name: 'system_service_event_subscriptions_total',
      help: 'Events of the platform at subscriptions to what they are about: told, or passed over and why',
      type: 'counter',
      read: () =>
        Object.entries(notifications.events.outcomes).map(([outcome, value]) => ({ labels: { outcome }, value })),
    },
    {
      name: 'system_service_notification_deliveries_waiting',
      help: 'Deliveries that wait to be sent',
      type: 'gauge',
      read: async () => [{ labels: {}, value: (await notifications.status()).waiting }],
    },
  ];
}

/** What the write-ahead log counts; nothing where there is none. */
function writeMetrics(telemetry: TelemetryStore): OwnMetric[] {
  type Logged = NonNullable<TelemetryStore['logged']>;
  const one = (value: (logged: Logged) => number) => () =>
    telemetry.logged ? [{ labels: {}, value: value(telemetry.logged) }] : [];
  return [
    {
      name: 'system_service_wal_bytes',
      help: 'Size of the write-ahead log',
      type: 'gauge',
      read: one(({ log }) => log.bytes),
    },
    {
      name: 'system_service_wal_appended_bytes_total',
      help: 'Bytes written to the write-ahead log',
      type: 'counter',
      read: one(({ log }) => log.appendedBytes),
    },
    {
      name: 'system_service_wal_failed_appends_total',
      help: 'Blocks that could not be written to the write-ahead log; the sender was told to try again',
      type: 'counter',
      read: one(({ log }) => log.failedAppends),
    },
    {
      name: 'system_service_wal_lost_rows_total',
      help: 'Rows that the start found damaged in the write-ahead log',
      type: 'counter',
      read: one(({ damage }) => damage.reduce((sum, { rows }) => sum + (rows ?? 0), 0)),
    },
    {
      name: 'system_service_wal_set_aside_rows_total',
      help: 'Rows that the engine refused for good, kept in files',
      type: 'counter',
      read: one(({ setAsideRows }) => setAsideRows),
    },
    {
      name: 'system_service_wal_pending_rows',
      help: 'Rows in the write-ahead log that are not yet in their table',
      type: 'gauge',
      read: () =>
        Object.entries(telemetry.logged?.pending ?? {}).map(([table, { rows }]) => ({
          labels: { table },
          value: rows,
        })),
    },
    {
      name: 'system_service_disk_free_bytes',
      help: 'Free space of the disk of the telemetry store',
      type: 'gauge',
      read: one(({ disk }) => disk.freeBytes),
    },
  ];
}
