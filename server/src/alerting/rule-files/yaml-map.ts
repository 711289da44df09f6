import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, type YAMLMap } from 'yaml';
import { closeNames } from '../../lib/close-names.ts';
import { parseDuration } from '../../lib/duration.ts';
import type { RuleFileProblem } from './rule-file.ts';

/** As much as Prometheus takes, 292 years. */
const MOST_DURATION_MS = 2 ** 63 / 1e6;

/** Where problems of a document go, with the place of the node that they are about. */
export class YamlProblems {
  readonly list: RuleFileProblem[] = [];
  readonly #lines: LineCounter;
  readonly document: Document;

  constructor(document: Document, lines: LineCounter) {
    this.document = document;
    this.#lines = lines;
  }

  lineOf(node: Node): number {
    return this.#lines.linePos(node.range?.[0] ?? 0).line;
  }

  add(node: Node | undefined, message: string): undefined {
    const { line, col } = this.#lines.linePos(node?.range?.[0] ?? 0);
    this.list.push({ line, column: col, message });
    return undefined;
  }
}

/**
 * A map of a YAML document, read field by field; every mistake is collected with its line. A scalar's text is what
 * stands in the file, so that `expr: 1e3` stays as it was written.
 */
export class YamlMap {
  readonly node: Node;
  readonly #fields = new Map<string, { readonly key: Node; readonly value: Node | undefined }>();
  readonly #problems: YamlProblems;

  constructor(node: YAMLMap, problems: YamlProblems) {
    this.node = node;
    this.#problems = problems;
    for (const { key, value } of node.items) {
      const resolved = resolve((value as Node | null) ?? undefined, problems);
      if (!isScalar(key)) problems.add(node, 'expected a name before each colon');
      else if (key.source === '<<' && key.type === 'PLAIN') this.#merge(resolved);
      else this.#fields.set(String(key.value), { key, value: resolved });
    }
  }

  /** The fields of another map, or of several, that this one does not have itself: YAML's `<<`. */
  #merge(from: Node | undefined): void {
    const nodes = isSeq(from) ? (from.items as Node[]) : [from];
    for (const node of nodes) {
      const map = YamlMap.of(node, '<<', this.#problems);
      for (const [name, field] of map ? map.#fields : []) {
        if (!this.#fields.has(name)) this.#fields.set(name, field);
      }
    }
  }

  /** `undefined`, with a problem where there is something else than a map. */
  static of(node: Node | undefined, what: string, problems: YamlProblems): YamlMap | undefined {
    const resolved = resolve(node, problems);
    if (isMap(resolved)) return new YamlMap(resolved, problems);
    return problems.add(resolved, `${what}: expected a map`);
  }

  get line(): number {
    return this.#problems.lineOf(this.node);
  }

  fail(field: string | undefined, message: string): undefined {
    const found = field === undefined ? undefined : this.#fields.get(field);
    return this.#problems.add(found?.value ?? found?.key ?? this.node, message);
  }

  has(field: string): boolean {
    return this.#fields.has(field);
  }

  /** True where the field stands there with a value. */
  isGiven(field: string): boolean {
    const value = this.#fields.get(field)?.value;
    return value !== undefined && !(isScalar(value) && value.value === null);
  }

  /** Fields beyond these are mistakes. */
  allowOnly(known: readonly string[]): void {
    for (const [field, { key }] of this.#fields) {
      if (known.includes(field)) continue;
      const close = closeNames(field, known);
      const advice = close.length > 0 ? `; did you mean ${close.join(' or ')}?` : '';
      this.#problems.add(key, `field ${field} not found${advice}`);
    }
  }

  text(field: string): string | undefined {
    const value = this.#fields.get(field)?.value;
    if (value === undefined) return undefined;
    if (!isScalar(value)) return this.#problems.add(value, `${field}: expected a text`);
    if (value.type === 'PLAIN') return value.value === null ? '' : (value.source ?? String(value.value));
    return String(value.value);
  }

  /** Milliseconds. */
  duration(field: string): number | undefined {
    if (!this.isGiven(field)) return undefined;
    const text = this.text(field);
    if (text === undefined) return undefined;
    if (text === '') return this.fail(field, 'empty duration string');
    const duration = parseDuration(text);
    if (duration === undefined) return this.fail(field, `not a valid duration string: "${text}"`);
    return duration <= MOST_DURATION_MS ? duration : this.fail(field, 'duration out of range');
  }

  /** A whole number, which may be below 0. */
  whole(field: string): number | undefined {
    if (!this.isGiven(field)) return undefined;
    const text = this.text(field);
    if (text === undefined) return undefined;
    return /^-?\d+$/.test(text) ? Number(text) : this.fail(field, `${field}: expected a whole number, not "${text}"`);
  }

  flag(field: string): boolean | undefined {
    const text = this.text(field);
    if (text === undefined || text === '') return undefined;
    return text === 'true' || text === 'false' ? text === 'true' : this.fail(field, `${field}: use true or false`);
  }

  map(field: string): YamlMap | undefined {
    const value = this.#fields.get(field)?.value;
    if (value === undefined || (isScalar(value) && value.value === null)) return undefined;
    return YamlMap.of(value, field, this.#problems);
  }

  /** Texts by name; names and texts are what `check` accepts. */
  texts(field: string, check: (name: string, text: string) => string | undefined): Record<string, string> {
    const map = this.map(field);
    const texts: Record<string, string> = {};
    if (!map) return texts;
    for (const name of map.#fields.keys()) {
      const text = map.text(name) ?? '';
      const mistake = check(name, text);
      if (mistake !== undefined) map.fail(name, mistake);
      texts[name] = text;
    }
    return texts;
  }

  maps(field: string): YamlMap[] {
    return this.items(field).flatMap((item) => YamlMap.of(item, field, this.#problems) ?? []);
  }

  /** A list of texts. */
  list(field: string): string[] {
    return this.items(field).flatMap((item) => {
      if (isScalar(item)) return [String(item.value)];
      this.#problems.add(item, `${field}: expected a text`);
      return [];
    });
  }

  items(field: string): Node[] {
    const value = this.#fields.get(field)?.value;
    if (value === undefined || (isScalar(value) && value.value === null)) return [];
    if (!isSeq(value)) {
      this.#problems.add(value, `${field}: expected a list`);
      return [];
    }
    return value.items as Node[];
  }
}

function resolve(node: Node | undefined, problems: YamlProblems): Node | undefined {
  return isAlias(node) ? node.resolve(problems.document) : node;
}
