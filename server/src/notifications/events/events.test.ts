import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../model/errors.ts';
import { annotationOf } from '../annotations/of-event.ts';
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

describe('annotationOf', () => {
  const NOW = Date.UTC(2026, 0, 5, 9);
  const of = (part: object, isWanted = false) =>
    annotationOf(structured({ specversion: '1.0', id: '1', source: '/ci', ...part })[0]!, 'info', isWanted, NOW);

  it('reads the deploys of CDEvents', () => {
    const subject = {
      id: 'shop/payment',
      type: 'service',
      content: {
        environment: { id: 'production', source: '/aws' },
        artifactId: 'pkg:oci/payment@sha256%3A0b31b1c02ff458ad9b7b?repository_url=quay.io/payment&tag=2.4.1',
      },
    };
    const context = { version: '0.4.1', type: 'dev.cdevents.service.deployed.0.1.1' };
    const event = { type: context.type, time: '2026-01-05T08:00:00Z', data: { context, subject } };
    expect(of(event)).toMatchObject({
      ...{ kind: 'deploy', at: Date.UTC(2026, 0, 5, 8), service: 'shop/payment', environment: 'production' },
      ...{ version: '2.4.1', tags: [context.type] },
    });
  });

  it.each([
    ['com.example.shop.deployed', 'deploy'],
    ['deployment.succeeded', 'deploy'],
    ['com.github.release.published', 'deploy'],
    ['dev.cdevents.service.rolledback.0.2.0', 'deploy'],
    ['deployment.started', undefined],
    ['deployment.failed', undefined],
    ['com.example.deployer.ping', undefined],
    ['com.espice.simulation.failed', undefined],
  ])('%s: %s', (type, kind) => {
    expect(of({ type })?.kind).toBe(kind);
  });

  it('shows what asks for it, and what a topic shows', () => {
    const type = 'com.espice.simulation.failed';
    expect(of({ type, annotation: 'note', data: { message: 'half\nof it' } })).toMatchObject({ kind: 'note' });
    expect(of({ type, subject: 'run 7', annotation: true })).toMatchObject({ kind: 'event', title: `${type}: run 7` });
    expect(of({ type }, true)).toMatchObject({ kind: 'event', title: type });
    expect(of({ type: 'shop.deployed', annotation: false })).toBeUndefined();
  });

  it('reads plain fields, and no time from the future', () => {
    const data = { service: 'shop', env: 'staging', version: 12, url: 'https://ci.example.org/7', summary: 'by ann' };
    expect(of({ type: 'shop.deployed', time: '2027-01-01T00:00:00Z', data })).toMatchObject({
      ...{ at: NOW, service: 'shop', environment: 'staging', version: '12', url: data.url, text: 'by ann' },
    });
    const bare = of({
      type: 'shop.deployed',
      subject: 'shop',
      data: { url: 'javascript:alert(1)', service: { a: 1 } },
    });
    expect(bare).toMatchObject({ service: 'shop', url: null, version: null });
  });
});
