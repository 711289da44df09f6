import { parseArgs } from 'node:util';

/**
 * Options of a benchmark's command line: `--rounds 3`, `--profile=folder`. A number stands where the default is one; an
 * unknown option ends the process with the known ones.
 */
export function readOptions<T extends Record<string, string | number>>(defaults: T): T {
  const options = Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: 'string' as const }]));
  try {
    const { values } = parseArgs({ options, strict: true });
    const read = Object.entries(defaults).map(([name, standard]) => [name, readValue(name, values[name], standard)]);
    return Object.fromEntries(read) as T;
  } catch (error) {
    const known = Object.entries(defaults).map(([name, standard]) => `--${name} ${standard}`);
    console.error(`${(error as Error).message}\noptions with their defaults: ${known.join(' ')}`);
    process.exit(2);
  }
}

function readValue(name: string, given: unknown, standard: string | number): string | number {
  if (given === undefined) return standard;
  if (typeof standard === 'string') return String(given);
  const value = Number(given);
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} must be a number of at least 0`);
  return value;
}

/** Ends the process where the value is not one of these. */
export function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((word) => word === value);
  if (found !== undefined) return found;
  console.error(`--${name} must be one of: ${allowed.join(', ')}`);
  process.exit(2);
}
