import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../model/errors.ts';
import type { CloudEvent } from './cloud-event.ts';
import { type EventFilter, matchesFilter, matchesType } from './event-filter.ts';
import { readEventRequest } from './event-request.ts';

/** The example of the CloudEvents specification, 1.0.2. */
const EXAMPLE = {
  specversion: '1.0',
  type: 'com.github.pull_request.opened',
  source: 'https://github.com/cloudevents/spec/pull',
  subject: '123',
  id: 'A234-1234-1234',
  time: '2018-04-05T17:31:00Z',
  comexampleextension1: 'value',
  comexampleothervalue: 5,
  datacontenttype: 'text/xml',
  data: '<much wow="xml"/>',
};

function structured(event: unknown, contentType = 'application/cloudevents+json; charset=UTF-8'): CloudEvent[] {
  return readEventRequest({ headers: { 'content-type': contentType }, body: Buffer.from(JSON.stringify(event)) });
}

function issuesOf(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error instanceof ServiceError && error.issues.length > 0 ? error.issues : (error as ServiceError).code;
  }
}

const wrong = (part: object) => issuesOf(() => structured({ ...EXAMPLE, ...part }));

describe('readEventRequest', () => {
  it('reads the example of the specification', () => {
    expect(structured(EXAMPLE)).toEqual([
      {
        id: 'A234-1234-1234',
        source: 'https://github.com/cloudevents/spec/pull',
        type: 'com.github.pull_request.opened',
        subject: '123',
        time: Date.UTC(2018, 3, 5, 17, 31),
        dataContentType: 'text/xml',
        dataSchema: null,
        extensions: { comexampleextension1: 'value', comexampleothervalue: 5 },
        data: '<much wow="xml"/>',
      },
    ]);
  });

  it('reads batches, also empty ones', () => {
    const read = (events: unknown[]) => structured(events, 'application/cloudevents-batch+json');
    expect(read([])).toEqual([]);
    expect(read([EXAMPLE, { ...EXAMPLE, id: 'b' }]).map((event) => event.id)).toEqual(['A234-1234-1234', 'b']);
    expect(issuesOf(() => read([EXAMPLE, { ...EXAMPLE, id: undefined }, 7]))).toEqual([
      { path: '[1].id', message: 'is missing' },
      { path: '[2]', message: 'expected an event: a JSON object' },
    ]);
  });

  it('reads the binary mode, with data of any kind', () => {
    const headers = {
      'ce-specversion': '1.0',
      'ce-type': 'com.example.someevent',
      'ce-time': '2018-04-05T03:56:24Z',
      'ce-id': '1234-1234-1234',
      'ce-source': '/mycontext/subcontext',
      'ce-subject': 'Euro%20%E2%82%AC%20%F0%9F%98%80',
      'ce-comexampleextension1': '100%',
    };
    const read = (contentType: string | undefined, body: string | Buffer) =>
      readEventRequest({ headers: { ...headers, 'content-type': contentType }, body: Buffer.from(body) })[0]!;
    expect(read('application/json; charset=utf-8', '{"a":1}')).toMatchObject({
      data: { a: 1 },
      subject: 'Euro € 😀',
      source: '/mycontext/subcontext',
      dataContentType: 'application/json; charset=utf-8',
      extensions: { comexampleextension1: '100%' },
    });
    expect(read('text/plain', 'hello').data).toBe('hello');
    expect(read('application/octet-stream', Buffer.from([0, 255])).data).toEqual({ base64: 'AP8=' });
    expect(read(undefined, '').data).toBeNull();
  });

  it('names everything that is wrong', () => {
    expect(
      wrong({ specversion: '0.3', id: '', source: 'not a uri', type: 7, time: 'yesterday', Bad_Name: 'x' }),
    ).toEqual([
      { path: 'specversion', message: 'use "1.0"' },
      { path: 'id', message: 'use a text that is not empty' },
      { path: 'type', message: 'use a text that is not empty' },
      { path: 'source', message: 'use a URI-reference' },
      { path: 'time', message: 'use RFC 3339' },
      { path: 'Bad_Name', message: 'names of attributes are of lower-case letters and digits' },
    ]);
    expect(wrong({ data_base64: 'AP8=' })).toEqual([{ path: 'data', message: 'use either data or data_base64' }]);
    expect(wrong({ dataschema: 'relative/one', datacontenttype: 'xml', nested: {} })).toHaveLength(3);
    expect(wrong({ subject: 'a\u0000b' })).toEqual([{ path: 'subject', message: 'holds control characters' }]);
    expect(wrong({ subject: null, extension: null })).toMatchObject([{ subject: null }]);
  });

  it('refuses what is no event of HTTP', () => {
    const body = Buffer.from('{}');
    const code = (contentType: string) =>
      issuesOf(() => readEventRequest({ headers: { 'content-type': contentType }, body }));
    expect(code('application/cloudevents+avro')).toBe('unsupported_media_type');
    expect(code('text/plain')).toBe('unsupported_media_type');
    expect(
      issuesOf(() =>
        readEventRequest({ headers: { 'content-type': 'application/cloudevents+json' }, body: Buffer.from('{') }),
      ),
    ).toBe('malformed');
  });
});

describe('filters', () => {
  const event: CloudEvent = {
    ...structured(EXAMPLE)[0]!,
    data: { model: { name: 'pump', size: 12 } },
  };

  it.each<[EventFilter, boolean]>([
    [{ exact: { subject: '123' } }, true],
    [{ exact: { subject: '12' } }, false],
    [{ exact: { nosuch: '' } }, false],
    [{ prefix: { type: 'com.github.' } }, true],
    [{ suffix: { type: '.opened', source: '/pull' } }, true],
    [{ suffix: { type: '.opened', source: '/issue' } }, false],
    [{ exact: { comexampleothervalue: '5' } }, true],
    [{ exact: { 'data.model.name': 'pump', 'data.model.size': '12' } }, true],
    [{ exact: { 'data.model.constructor': 'x' } }, false],
    [{ any: [{ exact: { subject: '1' } }, { prefix: { subject: '1' } }] }, true],
    [{ all: [{ exact: { subject: '1' } }, { prefix: { subject: '1' } }] }, false],
    [{ not: { exact: { subject: '123' } } }, false],
  ])('%j: %s', (filter, expected) => {
    expect(matchesFilter(event, filter)).toBe(expected);
  });

  it.each([
    ['com.github.pull', 'com.github.pull', true],
    ['com.github.pull', 'com.github.*', true],
    ['com.github.pull', '*.pull', true],
    ['com.github.pull', 'com.*.pull', true],
    ['com.github.pull', 'c*git*b*l', true],
    ['com.github.pull', 'c*b*git*l', false],
    ['com.pull', 'com.*.pull', false],
    ['com.github.pull', 'com.github', false],
    ['aba', 'ab*ba', false],
  ])('%s is of %s: %s', (type, pattern, expected) => {
    expect(matchesType(type, pattern)).toBe(expected);
  });
});
