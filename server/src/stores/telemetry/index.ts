export type { Call, CallPeer, CallStore } from './call-store.ts';
export type { ClickHouse, UserQueryAnswer } from './click-house.ts';
export { ClickHouseCallStore } from './clickhouse/click-house-call-store.ts';
export { ClickHouseRedStore } from './clickhouse/click-house-red-store.ts';
export { ClickHouseLogStore } from './clickhouse/log-store.ts';
export { RollupJob } from './clickhouse/rollups/rollup-job.ts';
export type { Signal } from './clickhouse/schema/retention.ts';
export type { ServerAddress } from './clickhouse/server-client.ts';
export { ClickHouseTraceStore } from './clickhouse/trace-store.ts';
export { DataDirectoryError, openDataDirectory } from './data-directory.ts';
export type { LogPosition, LogSelection, LogStore, StoredLog } from './log-store.ts';
export type { MetricDescription, MetricStore } from './metric-store.ts';
export type {
  Dependencies,
  OperationRed,
  RedFigures,
  RedPoint,
  RedStore,
  ServicePresence,
  ServiceRed,
  TopError,
} from './red-store.ts';
export { DiskBudget, type DiskBudgetState } from './storage/disk-budget.ts';
export { backUpDatabase, restoreTelemetry } from './storage/engine-backup.ts';
export { ExpirySweep } from './storage/expiry-sweep.ts';
export { inspectTelemetry } from './storage/inspect-telemetry.ts';
export { type RetentionChange, RetentionSetting } from './storage/retention-setting.ts';
export type { DiskUsage, ServiceUsage, SignalUsage } from './storage/storage-usage.ts';
export { type EngineKind, TelemetryStorage } from './storage/telemetry-storage.ts';
export { openTelemetryStore, type TelemetryStore } from './telemetry-store.ts';
export type { StoredTrace, TracePosition, TraceSelection, TraceStore, TraceSummary } from './trace-store.ts';
