import type { CompiledQuery } from 'kysely';

/**
 * PostgreSQL cannot hold U+0000 in a text. Both databases get U+FFFD in its place, so that what somebody else's system
 * puts into a message cannot stop an alert.
 */
export function withoutNul<Row>(query: CompiledQuery<Row>): CompiledQuery<Row> {
  return query.parameters.some(hasNul) ? { ...query, parameters: query.parameters.map(replaced) } : query;
}

function hasNul(value: unknown): boolean {
  return typeof value === 'string' && value.includes('\0');
}

function replaced(value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value;
}
