import type { ConfigMap } from '../../lib/config-map.ts';

/** The fields of a map by what they hold, names with blanks between them. What is in no list is unknown. */
export interface FieldTable {
  readonly texts?: string;
  readonly flags?: string;
  /** Whole numbers from 0. */
  readonly wholes?: string;
  /** As Go writes them: `1.5h`, `300ms`. */
  readonly goDurations?: string;
  /** As Prometheus writes them: `1d`, `5m`. */
  readonly durations?: string;
  readonly urls?: string;
  /** `host:port` */
  readonly addresses?: string;
  readonly lists?: string;
  readonly textMaps?: string;
  /** Maps of what may be anything. */
  readonly maps?: string;
  /** Of any form. */
  readonly anything?: string;
  readonly tables?: Readonly<Record<string, FieldTable>>;
  readonly listsOfTables?: Readonly<Record<string, FieldTable>>;
}

type Kind = Exclude<keyof FieldTable, 'tables' | 'listsOfTables'>;

const GO_DURATION = /^[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

const CHECKS: Readonly<Record<Kind, (map: ConfigMap, field: string) => unknown>> = {
  texts: (map, field) => map.text(field),
  flags: (map, field) => map.flag(field),
  wholes: (map, field) => map.whole(field),
  goDurations: (map, field) => checkText(map, field, GO_DURATION, 'is no duration; use 30s, 1m30s, 1.5h and the like'),
  durations: (map, field) => map.duration(field),
  urls: checkUrl,
  addresses: (map, field) =>
    checkText(map, field, /^(?:\[[^\]]*\]|[^:[\]]*):[^:]+$|^$/, 'is no address; use host:port'),
  lists: (map, field) => map.texts(field),
  textMaps: (map, field) => map.textMap(field),
  maps: (map, field) => map.map(field),
  anything: (map, field) => map.raw(field),
};
const KINDS = Object.keys(CHECKS) as Kind[];

/** Judges the fields that the table knows, each by its form. */
export function checkFields(map: ConfigMap, table: FieldTable): void {
  for (const kind of KINDS) {
    for (const field of namesOf(table[kind])) CHECKS[kind](map, field);
  }
  for (const [field, inner] of Object.entries(table.tables ?? {})) {
    const own = map.map(field);
    if (own) checkAll(own, inner);
  }
  for (const [field, inner] of Object.entries(table.listsOfTables ?? {})) {
    for (const own of map.maps(field) ?? []) checkAll(own, inner);
  }
}

/** As `checkFields`, and what the table does not know is a mistake. */
export function checkAll(map: ConfigMap, table: FieldTable): void {
  checkFields(map, table);
  map.refuseOthers();
}

/** Every field that the table knows. */
export function fieldsOf(table: FieldTable): string[] {
  const simple = KINDS.flatMap((kind) => namesOf(table[kind]));
  return [...simple, ...Object.keys(table.tables ?? {}), ...Object.keys(table.listsOfTables ?? {})];
}

function namesOf(names: string | undefined): string[] {
  return names?.split(' ') ?? [];
}

function checkText(map: ConfigMap, field: string, form: RegExp, message: string): void {
  const text = map.text(field);
  if (text !== undefined && !form.test(text)) map.fail(field, `"${text}" ${message}`);
}

/** A URL that is a template, or was hidden by Alertmanager's own API, is judged when it is used. */
function checkUrl(map: ConfigMap, field: string): void {
  const text = map.text(field);
  if (text === undefined || text === '<secret>' || text.includes('{{')) return;
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(text)?.[1]?.toLowerCase() ?? '';
  if (scheme !== 'http' && scheme !== 'https') map.fail(field, `unsupported scheme "${scheme}" for URL`);
  else if (/^https?:\/*$/i.test(text)) map.fail(field, 'missing host for URL');
  else if (!URL.canParse(text) || /%(?![\da-f]{2})/i.test(text)) map.fail(field, 'use an http or https URL');
}
