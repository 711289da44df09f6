import { LOG_LEVELS } from '../../../model/log-record.ts';
import type { LogGroupOptions, LogSelection, LogVolumeOptions } from '../log-store.ts';
import { ENVIRONMENT } from './attribute-sql.ts';
import { LOG_MAPS } from './log-filter-sql.ts';
import { logConditions } from './log-sql.ts';
import { SqlParameters, type Statement } from './sql-parameters.ts';

/** A row as `countLogsOverTime` reads it. */
export interface VolumeRow {
  readonly Value: string;
  readonly Count: number;
  /** Of all values, those beyond the limit included. */
  readonly Total: number;
  /** Unix milliseconds and count. */
  readonly Points: readonly (readonly [number, number])[];
}

/** Four severity numbers a level, all above for the highest; 0 has none. */
const LEVEL = `multiIf(SeverityNumber = 0, 'unknown', [${LOG_LEVELS.map((level) => `'${level}'`).join(', ')}][least(6, intDiv(SeverityNumber - 1, 4) + 1)])`;

const COLUMNS: Readonly<Record<string, string>> = {
  level: LEVEL,
  service: 'toString(ServiceName)',
  environment: ENVIRONMENT,
};

/** Counts of the most frequent values in slots of time. */
export function countLogsOverTime(selection: LogSelection, { field, stepMs, limit }: LogVolumeOptions): Statement {
  const parameters = new SqlParameters();
  const value = fieldSql(field, parameters);
  const step = parameters.add(stepMs, 'Int64');
  const sql = `SELECT Value, sum(SlotCount) AS Count, sum(Count) OVER () AS Total,
  arraySort(groupArray((Slot, SlotCount))) AS Points
FROM (
  SELECT ${value} AS Value, intDiv(toUnixTimestamp64Milli(Timestamp), ${step}) * ${step} AS Slot, count() AS SlotCount
  FROM otel_logs
  WHERE ${logConditions(selection, parameters).join('\n    AND ')}
  GROUP BY Value, Slot
)
GROUP BY Value
ORDER BY Count DESC, Value
LIMIT ${parameters.add(limit, 'UInt32')}
SETTINGS max_execution_time = 20`;
  return { sql, parameters: parameters.values };
}

/** A row as `countLogsByFields` reads it. */
export interface GroupRow {
  readonly Values: readonly string[];
  readonly Count: number;
  /** Unix milliseconds. */
  readonly LastAt: number;
  readonly Points: VolumeRow['Points'];
}

/** Counts in slots of time of the biggest groups by several fields. */
export function countLogsByFields(selection: LogSelection, { fields, stepMs, limit }: LogGroupOptions): Statement {
  const parameters = new SqlParameters();
  const values = fields.map((field) => `toString(${fieldSql(field, parameters)})`);
  const step = parameters.add(stepMs, 'Int64');
  const sql = `SELECT Values, sum(SlotCount) AS Count, max(SlotLastAt) AS LastAt,
  arraySort(groupArray((Slot, SlotCount))) AS Points
FROM (
  SELECT ${values.length === 0 ? 'emptyArrayString()' : `[${values.join(', ')}]`} AS Values,
    intDiv(toUnixTimestamp64Milli(Timestamp), ${step}) * ${step} AS Slot, count() AS SlotCount,
    max(toUnixTimestamp64Milli(Timestamp)) AS SlotLastAt
  FROM otel_logs
  WHERE ${logConditions(selection, parameters).join('\n    AND ')}
  GROUP BY Values, Slot
)
GROUP BY Values
ORDER BY Count DESC, Values
LIMIT ${parameters.add(limit, 'UInt32')}
SETTINGS max_execution_time = 20`;
  return { sql, parameters: parameters.values };
}

function fieldSql(field: string, parameters: SqlParameters): string {
  return Object.hasOwn(COLUMNS, field) ? COLUMNS[field]! : attribute(field, parameters);
}

/** Of the first map that has the key; empty where none does. */
function attribute(field: string, parameters: SqlParameters): string {
  const key = parameters.add(field);
  const [own, resource] = LOG_MAPS;
  return `if(mapContains(${own}, ${key}), ${own}[${key}], ${resource}[${key}])`;
}
