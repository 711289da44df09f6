/** A field that differs between two versions of a rule; undefined: it had none. */
export interface Difference {
  field: string;
  before: string | undefined;
  now: string | undefined;
}

type Definition = Readonly<Record<string, unknown>>;

/** Worked out of other fields; told of only where nothing else says what changed. */
const DERIVED = new Set(['condition', 'inferredFrom']);

/** What of `before` is different `now`, field by field. */
export function diffVersions(before: Definition, now: Definition): Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const found = names
    .filter((name) => JSON.stringify(before[name] ?? null) !== JSON.stringify(now[name] ?? null))
    .map((name) => ({ name, field: nameOf(name), before: textOf(name, before[name]), now: textOf(name, now[name]) }));
  const told = found.filter(({ name }) => !DERIVED.has(name));
  return (told.length > 0 ? told : found).map(({ name: _name, ...difference }) => difference);
}

/** `keepFiringForMs`: `keep firing for`. */
function nameOf(field: string): string {
  return field.replace(/Ms$/, '').replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function textOf(field: string, value: unknown): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  if (field.endsWith('Ms')) return `${Number(value) / 1000} s`;
  if (typeof value !== 'object') return String(value);
  const text = JSON.stringify(value);
  return text === '{}' || text === '[]' ? undefined : text;
}
