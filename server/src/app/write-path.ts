import type { WritePath } from '../api/index.ts';
import type { TelemetryStore } from '../stores/telemetry/index.ts';

/** What lies between an answer to a sender and the tables. */
export function describeWritePath(logged: TelemetryStore['logged']): WritePath {
  if (!logged) return { acknowledge: 'store', fsync: null, log: null, disk: null, tables: [] };
  const { fsync, log, pending, disk, damage, failures } = logged;
  return {
    acknowledge: 'log',
    fsync,
    log: {
      segments: log.segments,
      bytes: log.bytes,
      unsynced_bytes: log.unsyncedBytes,
      replayed_rows: logged.replayedRows,
      damaged_rows: damage.reduce((sum, { rows }) => sum + (rows ?? 0), 0),
      set_aside_rows: logged.setAsideRows,
      failure: log.failure ?? null,
    },
    disk: { free_bytes: disk.freeBytes, reserve_bytes: disk.reserveBytes, exhausted: disk.exhausted },
    tables: Object.entries(pending).map(([table, { rows, bytes }]) => ({
      table,
      pending_rows: rows,
      pending_bytes: bytes,
      failure: failures[table] ?? null,
    })),
  };
}
