import type { Issue } from '../model/errors.ts';
import { closeNames } from './close-names.ts';
import { parseDuration } from './duration.ts';

const SIZE = /^(\d+)(B|KB|KiB|MB|MiB|GB|GiB|TB|TiB)?$/i;
/** The words of YAML 1.1, which Prometheus and Alertmanager read. */
const YES = /^(?:y|yes|true|on)$/i;
const NO = /^(?:n|no|false|off)$/i;
/** Prometheus counts all units of size in powers of two. */
const SIZE_POWERS = ['', 'K', 'M', 'G', 'T'] as const;

/**
 * A map of a configuration file, read field by field. What is absent, `null` or wrong gives `undefined`; mistakes are
 * collected with the path of the field, so that all can be told at once. Scalars may stand as YAML types or as text.
 */
export class ConfigMap {
  readonly path: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #problems: Issue[];
  readonly #asked = new Set<string>();

  /** `value` that is no map is a problem; what is read from it then is absent. */
  constructor(value: unknown, path: string, problems: Issue[]) {
    this.path = path;
    this.#problems = problems;
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isMap && value !== null && value !== undefined) problems.push({ path, message: 'expected a map' });
    this.#values = isMap ? (value as Record<string, unknown>) : {};
  }

  /** True where the field has a value. */
  has(key: string): boolean {
    return this.raw(key) !== undefined;
  }

  /** The names of all fields. */
  keys(): string[] {
    return Object.keys(this.#values);
  }

  /** The whole map as text: the same for the same configuration. */
  source(): string {
    return JSON.stringify(this.#values);
  }

  /** The field as the file has it. */
  raw(key: string): unknown {
    this.#asked.add(key);
    return Object.hasOwn(this.#values, key) ? (this.#values[key] ?? undefined) : undefined;
  }

  /** Path of a field of this map; of the empty name, of the map itself. */
  at(key: string): string {
    if (key === '') return this.path;
    return this.path === '' ? key : `${this.path}.${key}`;
  }

  /** A mistake of a field; told once, however often the field is read. */
  fail(key: string, message: string): undefined {
    const path = this.at(key);
    const isKnown = this.#problems.some((problem) => problem.path === path && problem.message === message);
    if (!isKnown) this.#problems.push({ path, message });
    return undefined;
  }

  text(key: string): string | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    return scalarText(value) ?? this.fail(key, 'expected a text');
  }

  flag(key: string): boolean | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    if (YES.test(text)) return true;
    if (NO.test(text)) return false;
    return this.fail(key, 'use true or false');
  }

  /** A whole number from 0, or from `least`. */
  whole(key: string, least = 0): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const number = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number;
    return this.fail(key, `use a whole number from ${least}`);
  }

  oneOf<Word extends string>(key: string, words: readonly Word[]): Word | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    return words.find((word) => word === text) ?? this.fail(key, `"${text}" is not known; use ${words.join(', ')}`);
  }

  /** Milliseconds. */
  duration(key: string): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    return parseDuration(text) ?? this.fail(key, `"${text}" is no duration; use 15s, 1m30s, 5m and the like`);
  }

  /** Bytes. */
  size(key: string): number | undefined {
    const text = this.text(key);
    if (text === undefined) return undefined;
    const [, digits, unit] = SIZE.exec(text) ?? [];
    if (digits === undefined) return this.fail(key, `"${text}" is no size; use 10MB, 512KB and the like`);
    const letter = (unit ?? '').toUpperCase().replace(/I?B$/, '');
    return Number(digits) * 1024 ** (SIZE_POWERS as readonly string[]).indexOf(letter);
  }

  texts(key: string): string[] | undefined {
    return this.#items(key)?.flatMap((value, index) => {
      const text = value === null ? '' : scalarText(value);
      if (text !== undefined) return [text];
      this.fail(`${key}[${index}]`, 'expected a text');
      return [];
    });
  }

  /** A map within this one. */
  map(key: string): ConfigMap | undefined {
    const value = this.raw(key);
    return value === undefined ? undefined : new ConfigMap(value, this.at(key), this.#problems);
  }

  maps(key: string): ConfigMap[] | undefined {
    return this.#items(key)?.map((value, index) => new ConfigMap(value, this.at(`${key}[${index}]`), this.#problems));
  }

  /** Texts by name. */
  textMap(key: string): Record<string, string> | undefined {
    const map = this.map(key);
    if (!map) return undefined;
    return Object.fromEntries(Object.keys(map.#values).map((name) => [name, map.text(name) ?? '']));
  }

  /** Lists of texts by name. */
  textsMap(key: string): Record<string, string[]> | undefined {
    const map = this.map(key);
    if (!map) return undefined;
    return Object.fromEntries(Object.keys(map.#values).map((name) => [name, map.texts(name) ?? []]));
  }

  /** To be called when every field that is known was asked for: the others are mistakes. */
  refuseOthers(): void {
    for (const key of Object.keys(this.#values)) {
      if (this.#asked.has(key)) continue;
      const close = closeNames(key, this.#asked);
      this.fail(key, `unknown field${close.length > 0 ? `; did you mean ${close.join(' or ')}?` : ''}`);
    }
  }

  #items(key: string): readonly unknown[] | undefined {
    const value = this.raw(key);
    if (value === undefined || Array.isArray(value)) return value;
    return this.fail(key, 'expected a list: - one item a line, or [a, b]');
  }
}

function scalarText(value: unknown): string | undefined {
  return ['string', 'number', 'boolean', 'bigint'].includes(typeof value) ? String(value) : undefined;
}
