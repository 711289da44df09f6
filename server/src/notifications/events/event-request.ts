import { type Issue, invalid, ServiceError } from '../../model/errors.ts';
import { type CloudEvent, readCloudEvent } from './cloud-event.ts';

const MOST = 1000;
const ONE = 'application/cloudevents+json';
const BATCH = 'application/cloudevents-batch+json';

export interface EventRequest {
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/**
 * The events of an HTTP request: structured, batched, or binary, which is told by the content type. Throws `malformed`,
 * `invalid` naming every mistake, or `unsupported_media_type`.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 */
export function readEventRequest({ headers, body }: EventRequest): CloudEvent[] {
  const contentType = typeof headers['content-type'] === 'string' ? headers['content-type'] : '';
  const media = contentType.split(';', 1)[0]!.trim().toLowerCase();
  const issues: Issue[] = [];
  const values = valuesOf(media, contentType, headers, body);
  const events = values.map((value, index) => readCloudEvent(value, media === BATCH ? `[${index}]` : '', issues));
  if (issues.length > 0) throw invalid(...issues.slice(0, 100));
  return events as CloudEvent[];
}

function valuesOf(media: string, contentType: string, headers: EventRequest['headers'], body: Buffer): unknown[] {
  if (media === BATCH) {
    const batch = parse(body);
    if (!Array.isArray(batch)) throw invalid({ path: 'body', message: 'a batch is a JSON array of events' });
    if (batch.length > MOST) throw new ServiceError('too_large', `at most ${MOST} events a batch`);
    return batch;
  }
  if (media === ONE) return [parse(body)];
  if (media.startsWith('application/cloudevents')) {
    throw new ServiceError('unsupported_media_type', `of CloudEvents this takes ${ONE}, ${BATCH} and the binary mode`);
  }
  if (headers['ce-specversion'] !== undefined) return [binary(media, contentType, headers, body)];
  // An event with the content type of any JSON is understood as well.
  if (media === 'application/json') return [parse(body)];
  throw new ServiceError(
    'unsupported_media_type',
    `send ${ONE}, ${BATCH}, or the attributes as headers: ce-id and so on`,
  );
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new ServiceError('malformed', `the body is not valid JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** Attributes are headers, the body is the data. */
function binary(media: string, contentType: string, headers: EventRequest['headers'], body: Buffer): object {
  const event: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('ce-') && typeof value === 'string') event[name.slice(3)] = decodeHeader(value);
  }
  if (contentType !== '') event.datacontenttype = contentType;
  if (body.length === 0) return event;
  if (media === '' || /^application\/(.+\+)?json$/.test(media)) event.data = parse(body);
  else if (media.startsWith('text/')) event.data = body.toString('utf8');
  else event.data_base64 = body.toString('base64');
  return event;
}

/** Values of headers are percent-encoded where they are not printable ASCII; what is no encoding stays as it is. */
function decodeHeader(value: string): string {
  const bare = /^".*"$/.test(value) ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
  try {
    return decodeURIComponent(bare);
  } catch {
    return bare;
  }
}
