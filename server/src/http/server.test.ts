import { deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { notFound, ServiceError } from '../model/errors.ts';
import { type Authenticator, documentationRoutes, type Principal, type Route, route } from './index.ts';
import { createHttpServer, type HttpServerOptions } from './server.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const open: Authenticator = { open: true, authenticate: async () => undefined };
let app: FastifyInstance | undefined;
afterEach(() => app?.close());

async function serve(routes: Route[], options: Partial<HttpServerOptions> = {}): Promise<FastifyInstance> {
  app = await createHttpServer({
    routes,
    logger: silent,
    trustProxy: false,
    basePath: '/',
    checkAnswers: true,
    guards: { authenticator: open, allowedOrigins: [], allowedHosts: undefined },
    ...options,
  });
  return app;
}

const echo = route({
  method: 'POST',
  path: '/api/things/{id}',
  tag: 'things',
  summary: 'Echoes',
  scope: 'write',
  params: z.strictObject({ id: z.string().regex(/^\d+$/, 'use digits') }),
  query: z.strictObject({ color: z.enum(['red', 'green']).optional() }),
  body: z.strictObject({ name: z.string(), size: z.number().max(10).optional(), tags: z.array(z.string()).optional() }),
  success: { status: 201, schema: z.object({ id: z.string(), name: z.string() }) },
  handle: ({ params, body, reply }) => {
    reply.header('location', `/api/things/${params.id}`);
    return { id: params.id, name: body.name };
  },
});
const json = { 'content-type': 'application/json' };

describe('a route', () => {
  it('answers with its status, its headers and JSON', async () => {
    const server = await serve([echo]);
    const answer = await server.inject({
      method: 'POST',
      url: '/api/things/7',
      headers: json,
      payload: '{"name":"x"}',
    });
    expect([answer.statusCode, answer.headers.location, answer.json()]).toEqual([
      201,
      '/api/things/7',
      { id: '7', name: 'x' },
    ]);
  });

  it('reports every mistake of path, query and body at once, unknown names with a hint', async () => {
    const server = await serve([echo]);
    const answer = await server.inject({
      method: 'POST',
      url: '/api/things/x?color=blue&colour=red',
      headers: json,
      payload: '{"nam":"x","size":11,"tags":["a",1]}',
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    const paths = answer.json().errors.map((error: { path: string }) => error.path);
    expect(paths.sort()).toEqual(['color', 'colour', 'id', 'nam', 'name', 'size', 'tags[1]']);
    expect(answer.json().errors.find((error: { path: string }) => error.path === 'nam').message).toContain(
      'did you mean name',
    );
  });

  it.each([
    ['broken JSON', json, '{"name":', 400],
    ['no body', json, '', 400],
    ['another content type', { 'content-type': 'text/plain' }, 'name=x', 415],
    ['no content type', {}, Buffer.from('{}'), 415],
    ['an unknown encoding', { ...json, 'content-encoding': 'br2' }, '{}', 415],
    ['a truncated gzip stream', { ...json, 'content-encoding': 'gzip' }, gzipSync('{"name":"x"}').subarray(0, 15), 400],
    ['a body over the limit', json, `{"name":"${'x'.repeat(1024 * 1024)}"}`, 413],
    [
      'a small body that unpacks to a large one',
      { ...json, 'content-encoding': 'gzip' },
      gzipSync(Buffer.alloc(8_000_000, 32)),
      413,
    ],
  ])('refuses %s', async (_name, headers, payload, status) => {
    const server = await serve([echo]);
    const answer = await server.inject({ method: 'POST', url: '/api/things/7', headers: { ...headers }, payload });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ status, title: expect.any(String), detail: expect.any(String), errors: [] });
  });

  it('says what is wrong with the form that was meant, where there are several', async () => {
    const channel = z.enum(['email', 'slack']);
    const either = route({
      method: 'POST',
      path: '/either',
      tag: 't',
      summary: 's',
      scope: 'write',
      body: z.strictObject({ channel: z.union([channel, z.array(channel)]) }),
      success: { status: 204 },
      handle: () => undefined,
    });
    const server = await serve([either]);
    const ask = async (body: unknown) =>
      (await server.inject({ method: 'POST', url: '/either', headers: json, payload: JSON.stringify(body) })).json()
        .errors;
    expect(await ask({ channel: ['email', 'pigeon'] })).toEqual([
      { path: 'channel[1]', message: expect.stringContaining('"email"|"slack"') },
    ]);
    expect(await ask({ channel: 'pigeon' })).toEqual([
      { path: 'channel', message: expect.stringContaining('"email"|"slack"') },
    ]);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['zstd', zstdCompressSync],
  ])('takes bodies compressed with %s, and says where they are not', async (encoding, compress) => {
    const server = await serve([echo]);
    const headers = { ...json, 'content-encoding': encoding };
    const send = (payload: string | Buffer) =>
      server.inject({ method: 'POST', url: '/api/things/7', headers, payload });
    expect((await send(compress('{"name":"zipped"}'))).json().name).toBe('zipped');
    const plain = await send('{"name":"plain"}');
    expect([plain.statusCode, plain.json().detail]).toEqual([
      400,
      expect.stringMatching(/^the body cannot be decompressed: /),
    ]);
  });

  it('tells what the path answers when the method is wrong', async () => {
    const server = await serve([echo]);
    const answer = await server.inject({ method: 'PUT', url: '/api/things/7' });
    expect([answer.statusCode, answer.headers.allow, answer.json().detail]).toEqual([
      405,
      'POST',
      '/api/things/7 answers POST, not PUT',
    ]);
    expect((await server.inject({ method: 'PUT', url: '/api/things' })).statusCode).toBe(404);
  });

  it('says what is wrong with a path that cannot be read', async () => {
    const answer = await (await serve([echo])).inject({ method: 'POST', url: '/api/things/%zz' });
    expect([answer.statusCode, answer.headers['content-type'], answer.json().detail]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
      expect.stringContaining('/api/things/%zz'),
    ]);
  });

  it('allows HEAD where it answers GET, and knows paths with wildcards', async () => {
    const reads = (path: string) =>
      route({
        method: 'GET',
        path,
        tag: 't',
        summary: 's',
        scope: 'public',
        success: { status: 200 },
        handle: () => '',
      });
    const server = await serve([reads('/api/x'), reads('/files/{name}/*')]);
    const allowed = async (url: string) => (await server.inject({ method: 'DELETE', url })).headers.allow;
    expect([await allowed('/api/x'), await allowed('/files/a/b/c')]).toEqual(['GET, HEAD', 'GET, HEAD']);
  });

  it('hides what nobody foresaw and shows what was meant to be shown', async () => {
    const failing = (path: string, error: Error) =>
      route({
        method: 'GET',
        path,
        tag: 't',
        summary: 's',
        scope: 'read',
        success: { status: 200 },
        handle: () => Promise.reject(error),
      });
    const server = await serve([
      failing('/bug', new Error('SELECT secret FROM users')),
      failing('/missing', notFound('no such thing', ['thong'])),
      failing('/busy', new ServiceError('overloaded', 'try later', { retryAfterSeconds: 1.2 })),
    ]);
    const [bug, missing, busy] = await Promise.all(['/bug', '/missing', '/busy'].map((url) => server.inject({ url })));
    expect([bug!.statusCode, bug!.body.includes('secret')]).toEqual([500, false]);
    expect([missing!.statusCode, missing!.json().did_you_mean]).toEqual([404, ['thong']]);
    expect([busy!.statusCode, busy!.headers['retry-after']]).toEqual([503, '2']);
  });
});

describe('a client that leaves', () => {
  it('aborts the handler, and nobody calls that a failure', async () => {
    const logged: string[] = [];
    const aborted = Promise.withResolvers<void>();
    const waiting = route({
      method: 'GET',
      path: '/wait',
      tag: 't',
      summary: 's',
      scope: 'read',
      success: { status: 200 },
      handle: ({ signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason);
            aborted.resolve();
          });
        }),
    });
    const server = await serve([waiting], { logger: { ...silent, error: (_, message) => logged.push(message) } });
    const url = await server.listen({ host: '127.0.0.1', port: 0 });
    const controller = new AbortController();
    const asked = fetch(`${url}/wait`, { signal: controller.signal }).catch(() => 'left');
    await new Promise<void>((resolve) => server.server.once('request', () => resolve()));
    setImmediate(() => controller.abort());
    expect(await asked).toBe('left');
    await aborted.promise;
    await new Promise((resolve) => setImmediate(resolve));
    expect(logged).toEqual([]);
  });
});

describe('guards', () => {
  const readable = route({
    method: 'GET',
    path: '/api/x',
    tag: 't',
    summary: 's',
    scope: 'read',
    success: { status: 200, schema: z.object({ as: z.string() }) },
    handle: ({ principal }) => ({ as: principal.name }),
  });
  const principals: Record<string, Principal> = {
    reader: { name: 'reader', scopes: new Set(['read']) },
    writer: { name: 'writer', scopes: new Set(['write']) },
    agent: { name: 'agent', scopes: new Set(['ingest']) },
    boss: { name: 'boss', scopes: new Set(['admin']) },
  };
  const closed: Authenticator = { open: false, authenticate: async (token) => principals[token] };

  it.each([
    ['nobody', undefined, 401],
    ['an unknown key', 'stranger', 401],
    ['a key of another scope', 'agent', 403],
    ['the scope', 'reader', 200],
    ['write, which holds read', 'writer', 200],
    ['admin, which holds all', 'boss', 200],
  ])('lets %s in or not', async (_name, token, status) => {
    const server = await serve([readable], {
      guards: { authenticator: closed, allowedOrigins: [], allowedHosts: undefined },
    });
    const answer = await server.inject({ url: '/api/x', headers: token ? { authorization: `Bearer ${token}` } : {} });
    expect(answer.statusCode).toBe(status);
  });

  it('takes the key as the password of Basic, for clients that know nothing else', async () => {
    const server = await serve([readable], {
      guards: { authenticator: closed, allowedOrigins: [], allowedHosts: undefined },
    });
    const ask = (pair: string) => server.inject({ url: '/api/x', headers: { authorization: `Basic ${btoa(pair)}` } });
    expect((await ask('anybody:reader')).json()).toEqual({ as: 'reader' });
    expect((await ask('reader:wrong')).statusCode).toBe(401);
    expect((await ask('reader')).statusCode).toBe(401);
  });

  it('refuses foreign host names in local mode, not addresses', async () => {
    const guards = { authenticator: open, allowedOrigins: [], allowedHosts: new Set(['monitor.example.org']) };
    const server = await serve([readable], { guards });
    const ask = async (host: string) => (await server.inject({ url: '/api/x', headers: { host } })).statusCode;
    expect(
      await Promise.all(
        [
          'evil.example:8013',
          'localhost:8013',
          '127.0.0.1',
          '[::1]:8013',
          'monitor.example.org',
          'system-service:8013',
        ].map(ask),
      ),
    ).toEqual([421, 200, 200, 200, 200, 200]);
  });

  it('refuses pages of other origins, unless allowed', async () => {
    const guards = { authenticator: open, allowedOrigins: ['https://grafana.example.org'], allowedHosts: undefined };
    const server = await serve([readable, echo], { guards });
    const ask = (origin: string) => server.inject({ url: '/api/x', headers: { origin, host: 'localhost:8013' } });
    expect((await ask('https://evil.example')).statusCode).toBe(403);
    expect((await ask('http://localhost:8013')).statusCode).toBe(200);
    expect((await ask('https://grafana.example.org')).headers['access-control-allow-origin']).toBe(
      'https://grafana.example.org',
    );
    const preflight = await server.inject({
      method: 'OPTIONS',
      url: '/api/things/7',
      headers: { origin: 'https://grafana.example.org', 'access-control-request-method': 'POST' },
    });
    expect([preflight.statusCode, preflight.headers['access-control-allow-methods']]).toEqual([
      204,
      expect.stringContaining('POST'),
    ]);
  });
});

describe('documentation', () => {
  it('describes a route by the schemas that validate it', async () => {
    const info = { title: 'Test', version: '1' };
    const server = await serve([echo, ...documentationRoutes([echo], info)]);
    const document = (await server.inject({ url: '/openapi.json' })).json();
    const operation = document.paths['/api/things/{id}'].post;
    expect(
      operation.parameters.map((parameter: { name: string; in: string }) => [parameter.name, parameter.in]),
    ).toEqual([
      ['id', 'path'],
      ['color', 'query'],
    ]);
    expect(operation.requestBody.content['application/json'].schema).toMatchObject({
      required: ['name'],
      additionalProperties: false,
    });
    expect(Object.keys(operation.responses)).toEqual(['201', 'default']);
    expect((await server.inject({ url: '/docs/api' })).body).toContain('/api/things/{id}');
    expect((await server.inject({ url: '/docs/errors' })).body).toContain('id="not_found"');
  });

  it('describes a body that the handler reads by itself', async () => {
    const bulk = route({
      method: 'POST',
      path: '/api/bulk',
      tag: 't',
      summary: 's',
      scope: 'ingest',
      consumes: ['application/json', 'application/x-ndjson'],
      describesBody: z.array(z.strictObject({ name: z.string() })),
      success: { status: 202 },
      handle: () => '',
    });
    const server = await serve([bulk, ...documentationRoutes([bulk], { title: 'T', version: '1' })]);
    const { content } = (await server.inject({ url: '/openapi.json' })).json().paths['/api/bulk'].post.requestBody;
    expect(Object.keys(content)).toEqual(['application/json', 'application/x-ndjson']);
    expect(content['application/json'].schema.items.required).toEqual(['name']);
  });

  it('works under a base path', async () => {
    const server = await serve([echo, ...documentationRoutes([echo], { title: 'T', version: '1' })], {
      basePath: '/monitoring',
    });
    expect((await server.inject({ url: '/monitoring/openapi.json' })).statusCode).toBe(200);
    expect((await server.inject({ url: '/openapi.json' })).statusCode).toBe(404);
  });
});
