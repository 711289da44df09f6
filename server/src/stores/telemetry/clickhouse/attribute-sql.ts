import type { TimeRange } from '../../../model/time-range.ts';
import type { SqlParameters } from './sql-parameters.ts';

/** Conditions that logs and traces share. */

/** The environment of a resource, by the same rule as `environmentOf` of `model/service.ts`. */
export const ENVIRONMENT =
  "multiIf(ResourceAttributes['deployment.environment.name'] != '', ResourceAttributes['deployment.environment.name'], " +
  "ResourceAttributes['deployment.environment'] != '', ResourceAttributes['deployment.environment'], " +
  "ResourceAttributes['environment'])";

/** The attribute has exactly this value, in one of the maps; an empty value asks for the key to be there. */
export function attributeEquals(
  maps: readonly string[],
  [key, value]: readonly [string, string],
  parameters: SqlParameters,
): string {
  const name = parameters.add(key);
  const wanted = parameters.add(value);
  return anyMap(maps, (map) =>
    value === '' ? `(mapContains(${map}, ${name}) AND ${map}[${name}] = '')` : `${map}[${name}] = ${wanted}`,
  );
}

/** A condition that one of the maps must fulfil. */
export function anyMap(maps: readonly string[], condition: (map: string) => string): string {
  return `(${maps.map(condition).join(' OR ')})`;
}

/** What a `DateTime64(9)` can hold, in Unix milliseconds. */
const LATEST = 9_223_372_036_000;

/** A time of the engine from Unix milliseconds; those that it cannot hold become the nearest that it can. */
export function instantSql(milliseconds: number, parameters: SqlParameters): string {
  const held = Math.min(LATEST, Math.max(0, Math.round(milliseconds)));
  return nanoSql(BigInt(held) * 1_000_000n, parameters);
}

/** A time of the engine from Unix nanoseconds. */
export function nanoSql(nanoseconds: bigint | string, parameters: SqlParameters): string {
  return `fromUnixTimestamp64Nano(${parameters.add(String(nanoseconds), 'Int64')}, 'UTC')`;
}

export function within(range: TimeRange, parameters: SqlParameters): string[] {
  return [`Timestamp >= ${instantSql(range.start, parameters)}`, `Timestamp < ${instantSql(range.end, parameters)}`];
}
