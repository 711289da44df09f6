import { RE2JS } from 're2js';

const MATCHER = /^\s*([\w.]+)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^"]*?))\s*$/;

/** What is wrong with a matcher such as `service="shop"` or `env=~"prod.*"`; `undefined`: nothing. */
export function matcherProblem(text: string): string | undefined {
  const parts = MATCHER.exec(text);
  if (!parts) return 'use a matcher such as service="shop" or env=~"prod.*"';
  if (!parts[2]!.endsWith('~')) return undefined;
  try {
    RE2JS.compile(wantedOf(parts));
    return undefined;
  } catch (error) {
    return `no regular expression (RE2): ${(error as Error).message}`;
  }
}

/** The first of the matchers that does not hold for these labels; a missing label is `''`. */
export function firstUnmet(matchers: readonly string[], labels: Readonly<Record<string, string>>): string | undefined {
  return matchers.find((text) => !holds(text, labels));
}

function holds(text: string, labels: Readonly<Record<string, string>>): boolean {
  const parts = MATCHER.exec(text);
  if (!parts) return true;
  const value = labels[parts[1]!] ?? '';
  const wanted = wantedOf(parts);
  if (parts[2] === '=') return value === wanted;
  if (parts[2] === '!=') return value !== wanted;
  return RE2JS.compile(wanted).matches(value) === (parts[2] === '=~');
}

function wantedOf(parts: RegExpExecArray): string {
  return parts[3]?.replace(/\\(.)/g, '$1') ?? parts[4] ?? '';
}

/** What conditions can ask about: the labels of the data, and what every notification has. */
export function labelsOf(about: {
  readonly type: string;
  readonly severity: string;
  readonly data: Readonly<Record<string, unknown>>;
}): Record<string, string> {
  const labels: Record<string, string> = {};
  const add = (values: object) => {
    for (const [name, value] of Object.entries(values)) {
      if (['string', 'number', 'boolean'].includes(typeof value)) labels[name] = String(value);
    }
  };
  add(about.data);
  if (typeof about.data.labels === 'object' && about.data.labels !== null) add(about.data.labels);
  return { ...labels, type: about.type, severity: about.severity };
}
