import { type Route, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import { notFound } from '../../model/errors.ts';
import type {
  DiskBudgetState,
  DiskUsage,
  EngineKind,
  RetentionChange,
  ServiceUsage,
  Signal,
  SignalUsage,
} from '../../stores/telemetry/index.ts';
import {
  type Backup,
  backup,
  backupParameters,
  type Retention,
  retention,
  retentionChange,
  type Storage,
  storage,
} from '../contract/storage.ts';

interface BackupState {
  readonly name: string;
  readonly path: string;
  readonly status: 'running' | 'done' | 'failed';
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly error: string | undefined;
}

export interface StorageDependencies {
  readonly storage: {
    readonly engine: EngineKind;
    signals(): Promise<SignalUsage[]>;
    services(signals: readonly SignalUsage[]): Promise<ServiceUsage[] | undefined>;
    disk(): Promise<DiskUsage>;
  };
  readonly retention: {
    of(signal: Signal): { readonly milliseconds: number; readonly isConfigured: boolean };
    /** Resolves when it is kept and the tables go by it. */
    change(change: RetentionChange): Promise<void>;
  };
  /** `undefined` without a budget. */
  readonly budget: () => DiskBudgetState | undefined;
  readonly backups: { start(): BackupState; find(name: string): BackupState | undefined };
  readonly clock: Clock;
}

const SIGNALS: readonly Signal[] = ['logs', 'traces', 'metrics', 'rollups'];

export function storageRoutes(dependencies: StorageDependencies): Route[] {
  const { backups } = dependencies;
  return [
    route({
      method: 'GET',
      path: '/api/monitoring/storage',
      tag: 'monitoring',
      summary: 'What telemetry takes on disk, by signal and service; retention, disk budget and free space',
      scope: 'read',
      success: { status: 200, schema: storage },
      handle: () => describeStorage(dependencies),
    }),
    route({
      method: 'PUT',
      path: '/api/monitoring/storage/retention',
      tag: 'monitoring',
      summary: 'Sets how long signals are kept, from now on and over restarts; null goes back to the settings',
      scope: 'admin',
      body: retentionChange,
      success: { status: 200, schema: retention },
      handle: async ({ body }): Promise<Retention> => {
        await dependencies.retention.change(body as RetentionChange);
        return { signals: SIGNALS.map((signal) => ({ signal, ...describeRetention(dependencies, signal) })) };
      },
    }),
    route({
      method: 'POST',
      path: '/api/monitoring/storage/backups',
      tag: 'monitoring',
      summary: "Begins a backup of all stores into a folder on the service's machine; 409 while one is being made",
      scope: 'admin',
      success: { status: 202, schema: backup },
      handle: () => describeBackup(backups.start()),
    }),
    route({
      method: 'GET',
      path: '/api/monitoring/storage/backups/{name}',
      tag: 'monitoring',
      summary: 'How far a backup is; known until the service stops',
      scope: 'admin',
      params: backupParameters,
      success: { status: 200, schema: backup },
      handle: ({ params }) => {
        const found = backups.find(params.name);
        if (!found) throw notFound(`there is no backup ${params.name} of this run of the service`);
        return describeBackup(found);
      },
    }),
  ];
}

async function describeStorage(dependencies: StorageDependencies): Promise<Storage> {
  const { storage: source, clock } = dependencies;
  const [signals, disk] = await Promise.all([source.signals(), source.disk().catch(() => undefined)]);
  const services = await source.services(signals);
  return {
    timestamp: formatInstant(clock.now()),
    engine: source.engine,
    bytes: signals.reduce((sum, { bytes }) => sum + bytes, 0),
    disk: disk ? { total_bytes: disk.totalBytes, free_bytes: disk.freeBytes } : null,
    budget: describeBudget(dependencies.budget()),
    signals: signals.map(({ signal, rows, bytes, parts, oldest, newest, tables }) => ({
      signal,
      rows,
      bytes,
      parts,
      oldest: instantOrNull(rows === 0 ? undefined : oldest),
      newest: instantOrNull(rows === 0 ? undefined : newest),
      ...describeRetention(dependencies, signal),
      tables: [...tables],
    })),
    services: services?.map(describeService) ?? null,
  };
}

function describeRetention({ retention: source }: StorageDependencies, signal: Signal) {
  const { milliseconds, isConfigured } = source.of(signal);
  return {
    retention_seconds: milliseconds / 1000,
    retention_source: isConfigured ? ('configuration' as const) : ('api' as const),
  };
}

function describeService({ service, rows, bytes, bytesBySignal }: ServiceUsage) {
  const { logs, traces, metrics, rollups } = rows;
  return {
    service,
    log_records: logs,
    spans: traces,
    samples: metrics,
    rollups,
    estimated_bytes: bytes,
    estimated_bytes_by_signal: bytesBySignal,
  };
}

function describeBudget(state: DiskBudgetState | undefined): Storage['budget'] {
  if (!state) return null;
  const { lastDropped } = state;
  return {
    limit_bytes: state.limitBytes,
    used_bytes: state.usedBytes,
    exceeded: state.exceeded,
    dropped_days: state.droppedDays,
    dropped_bytes: state.droppedBytes,
    last_dropped: lastDropped
      ? { day: lastDropped.day, bytes: lastDropped.bytes, at: formatInstant(lastDropped.at) }
      : null,
  };
}

function describeBackup({ name, path, status, startedAt, endedAt, error }: BackupState): Backup {
  return {
    name,
    path,
    status,
    started_at: formatInstant(startedAt),
    ended_at: instantOrNull(endedAt),
    error: error ?? null,
  };
}

function instantOrNull(time: number | undefined): string | null {
  return time === undefined ? null : formatInstant(time);
}
