import type { Issue } from '../../model/errors.ts';

/** An event in the form of CloudEvents 1.0. */
export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string | null;
  /** Unix milliseconds. */
  readonly time: number | null;
  readonly dataContentType: string | null;
  readonly dataSchema: string | null;
  readonly extensions: Readonly<Record<string, string | number | boolean>>;
  /** JSON; text of other kinds as a string, bytes as `{"base64": "..."}`; null where there is none. */
  readonly data: unknown;
}

const ATTRIBUTE = /^[a-z0-9]+$/;
const CORE = ['id', 'source', 'type', 'specversion', 'subject', 'time', 'datacontenttype', 'dataschema'];
/** What strings of attributes may not hold (CloudEvents 1.0, type system). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones.
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f\ud800-\udfff\ufffe\uffff]/u;
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(\s*;\s*[\w!#$&^.+-]+=("[^"]*"|[^\s;"]+))*$/;
/** RFC 3986, loosely: no blanks, no characters that an address must encode. */
const URI_REFERENCE = /^[^\s<>"{}|\\^`]+$/;
const RFC3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const LONGEST = 1024;

/**
 * An event of the JSON format, or of anything with its attributes and `data` as fields; what is wrong with it is
 * collected, and then there is none. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 */
export function readCloudEvent(value: unknown, path: string, issues: Issue[]): CloudEvent | undefined {
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    issues.push({ path: path || 'body', message: 'expected an event: a JSON object' });
    return undefined;
  }
  const before = issues.length;
  // In JSON an attribute that is null is one that is absent.
  const fields = new Map(Object.entries(value).filter(([, field]) => field !== null));
  const text = (name: string, isRequired: boolean): string | null => {
    const field = fields.get(name);
    if (field === undefined && !isRequired) return null;
    const problem = textProblem(field);
    if (problem) issues.push({ path: at(name), message: problem });
    return problem ? null : (field as string);
  };
  const check = (name: string, field: string | null, isRight: (text: string) => boolean, message: string) => {
    if (field !== null && !isRight(field)) issues.push({ path: at(name), message });
  };
  if (fields.get('specversion') !== '1.0') issues.push({ path: at('specversion'), message: 'use "1.0"' });
  const [id, source, type] = [text('id', true), text('source', true), text('type', true)];
  const [subject, time, schema] = [text('subject', false), text('time', false), text('dataschema', false)];
  const contentType = text('datacontenttype', false);
  check('source', source, (uri) => URI_REFERENCE.test(uri), 'use a URI-reference');
  check('time', time, (at) => RFC3339.test(at) && !Number.isNaN(Date.parse(at)), 'use RFC 3339');
  check('dataschema', schema, (uri) => URI_REFERENCE.test(uri) && /^[a-z][a-z0-9+.-]*:/i.test(uri), 'use a URI');
  check('datacontenttype', contentType, (media) => MEDIA_TYPE.test(media), 'use a media type');
  const extensions = readExtensions(fields, at, issues);
  const data = readData(fields, at, issues);
  if (issues.length > before) return undefined;
  return {
    ...{ id: id!, source: source!, type: type!, subject, dataContentType: contentType, dataSchema: schema },
    time: time === null ? null : Date.parse(time),
    extensions,
    data,
  };
}

function textProblem(field: unknown): string | undefined {
  if (field === undefined) return 'is missing';
  if (typeof field !== 'string' || field === '') return 'use a text that is not empty';
  if (field.length > LONGEST) return `use at most ${LONGEST} characters`;
  return FORBIDDEN.test(field) ? 'holds control characters' : undefined;
}

function readExtensions(fields: ReadonlyMap<string, unknown>, at: (name: string) => string, issues: Issue[]) {
  const extensions: Record<string, string | number | boolean> = {};
  for (const [name, field] of fields) {
    if (CORE.includes(name) || name === 'data' || name === 'data_base64') continue;
    if (!ATTRIBUTE.test(name)) {
      issues.push({ path: at(name), message: 'names of attributes are of lower-case letters and digits' });
    } else if (typeof field === 'boolean' || (Number.isInteger(field) && Math.abs(field as number) < 2 ** 31)) {
      extensions[name] = field as number | boolean;
    } else {
      const problem = field === '' ? undefined : textProblem(field);
      if (problem) issues.push({ path: at(name), message: 'use a text, a whole number, true or false' });
      else extensions[name] = field as string;
    }
  }
  return extensions;
}

function readData(fields: ReadonlyMap<string, unknown>, at: (name: string) => string, issues: Issue[]): unknown {
  const bytes = fields.get('data_base64');
  if (bytes === undefined) return fields.get('data') ?? null;
  if (fields.has('data')) issues.push({ path: at('data'), message: 'use either data or data_base64' });
  if (typeof bytes !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(bytes) || bytes.length % 4 !== 0) {
    issues.push({ path: at('data_base64'), message: 'is no base64' });
  }
  return { base64: bytes };
}
