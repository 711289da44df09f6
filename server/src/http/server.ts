import websocket from '@fastify/websocket';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ServiceError } from '../model/errors.ts';
import type { Logger } from '../model/logger.ts';
import { acceptBodies, mediaType, parseJson } from './body.ts';
import { answerPreflight, authorize, checkHost, checkOrigin, type GuardOptions } from './guards.ts';
import { sendProblem, toServiceError } from './problem.ts';
import type { BodyBounds } from './read-body.ts';
import type { Principal, Route, RouteContext } from './route.ts';
import { validateParts } from './validation.ts';

export interface HttpServerOptions {
  readonly routes: readonly Route[];
  readonly guards: GuardOptions;
  readonly logger: Logger;
  readonly trustProxy: boolean;
  /** Prefix of every path as clients see it; default `/`. */
  readonly basePath?: string;
  /** Told of every finished request; `route` is the pattern, not the path. */
  readonly onFinished?: (finished: { method: string; route: string; status: number; seconds: number }) => void;
  /** Gets every request that no route answers first; `undefined` leaves it to the 404. */
  readonly onUnknownPath?: (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined;
  /** Bounds of bodies that are read whole; for tests. */
  readonly bodies?: Partial<BodyBounds>;
  /** True in tests: an answer that does not match its published schema fails the request. */
  readonly checkAnswers?: boolean;
}

const DEFAULT_BODY_LIMIT = 1024 * 1024;
const NO_PARAMETERS = z.strictObject({});
const NO_BODY = z.undefined();
const principals = new WeakMap<FastifyRequest, Principal>();

/** A Fastify server with all routes and guards, not yet listening. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const app = fastify({
    trustProxy: options.trustProxy,
    bodyLimit: DEFAULT_BODY_LIMIT,
    forceCloseConnections: true,
    rewriteUrl: (request) => withoutPrefix(request.url ?? '/', options.basePath ?? '/'),
    routerOptions: { maxParamLength: 2048 },
    return503OnClosing: true,
    // A path with a broken percent encoding, for instance.
    frameworkErrors: (error, _request, reply) => void sendProblem(error, reply, options.logger),
    // Routes bring their own schemas: the validators and serializers that Fastify would load are never asked for.
    schemaController: { compilersFactory: { buildValidator: unused, buildSerializer: unused } },
  });
  acceptBodies(app, options.routes, options.bodies);
  const spoken = options.routes.flatMap((known) => known.subprotocols ?? []);
  await app.register(websocket, {
    options: {
      maxPayload: 64 * 1024,
      // Those that carry a key are answered, as browsers demand; a protocol that we do not speak is not agreed to.
      handleProtocols: (offered) =>
        [...spoken, 'bearer', 'bearer-base64url'].find((word) => offered.has(word)) ?? false,
    },
  });
  app.setErrorHandler((error, _request, reply) => sendProblem(error, reply, options.logger));
  app.setNotFoundHandler(
    (request, reply) => options.onUnknownPath?.(request, reply) ?? answerUnknownPath(request, reply, options),
  );
  app.addHook('onRequest', async (request, reply) => {
    checkHost(request, options.guards);
    checkOrigin(request, reply, options.guards);
    if (request.method === 'OPTIONS' && request.headers['access-control-request-method']) return answerPreflight(reply);
  });
  app.addHook('onResponse', async (request, reply) => {
    options.onFinished?.({
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1000,
    });
  });
  for (const definition of options.routes) register(app, definition, options);
  return app;
}

function unused(): never {
  throw new Error('no route has a schema of Fastify');
}

/** Paths outside the prefix become one that nothing answers. */
function withoutPrefix(url: string, basePath: string): string {
  if (basePath === '/') return url;
  if (url === basePath) return '/';
  return url.startsWith(`${basePath}/`) ? url.slice(basePath.length) : `/outside-of-base-path${url}`;
}

function answerUnknownPath(request: FastifyRequest, reply: FastifyReply, options: HttpServerOptions): FastifyReply {
  const path = request.url.split('?', 1)[0]!;
  const methods = methodsOf(path, options.routes);
  if (methods.length === 0) {
    const detail = `there is nothing at ${path}; /docs/api lists what there is`;
    return sendProblem(new ServiceError('not_found', detail), reply, options.logger);
  }
  reply.header('allow', methods.join(', '));
  const detail = `${path} answers ${methods.join(', ')}, not ${request.method}`;
  return sendProblem(new ServiceError('method_not_allowed', detail), reply, options.logger);
}

/** What the routes of a path answer; with GET comes HEAD. */
function methodsOf(path: string, routes: readonly Route[]): string[] {
  const methods = routes.filter((known) => pathPattern(known.path).test(path)).map((known) => known.method);
  return [...new Set(methods.flatMap((method) => (method === 'GET' ? [method, 'HEAD'] : [method])))];
}

function pathPattern(path: string): RegExp {
  const escaped = path.replace(/[.+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/\{[^}]+\}/g, '[^/]+').replaceAll('*', '.*')}$`);
}

function register(app: FastifyInstance, definition: Route, options: HttpServerOptions): void {
  const { onError, webSocket } = definition;
  app.route({
    method: definition.method,
    url: definition.path.replace(/\{([^}]+)\}/g, ':$1'),
    bodyLimit: definition.bodyLimit ?? DEFAULT_BODY_LIMIT,
    config: { ownEncodings: definition.ownEncodings, streams: definition.streams },
    onRequest: async (request) => {
      principals.set(request, await authorize(request, definition.scope, options.guards, webSocket !== undefined));
    },
    handler: (request, reply) => answer(definition, request, reply, options),
    errorHandler: (error, request, reply) => {
      definition.onRefused?.(toServiceError(error));
      return onError ? onError(error, request, reply) : sendProblem(error, reply, options.logger);
    },
    ...(webSocket && {
      wsHandler: (socket, request) => {
        const { params, query } = validate(definition, request, undefined);
        const signal = new AbortController().signal;
        webSocket(socket, { ...baseContext(request, undefined as never, signal), params, query, body: undefined });
      },
      // A wrong parameter is refused before the upgrade, as a plain answer.
      preValidation: async (request) => {
        validate(definition, request, undefined);
      },
    }),
  });
}

function baseContext(request: FastifyRequest, reply: FastifyReply, signal: AbortSignal) {
  return { principal: principals.get(request)!, request, reply, signal };
}

interface Parts {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

function validate(definition: Route, request: FastifyRequest, body: unknown): Parts {
  const query = definition.lenient && !definition.query ? z.looseObject({}) : (definition.query ?? NO_PARAMETERS);
  const [params, queryParameters, parsedBody] = validateParts([
    { schema: definition.params ?? NO_PARAMETERS, value: request.params },
    { schema: query, value: { ...(request.query as object) } },
    { schema: definition.body ?? z.unknown(), value: body },
  ]);
  return { params, query: queryParameters, body: parsedBody };
}

/** What the handler gets as body: validated JSON, raw bytes, or nothing. */
function readBody(definition: Route, request: FastifyRequest): unknown {
  if (!definition.body) return definition.consumes ? (request.body ?? Buffer.alloc(0)) : undefined;
  const type = mediaType(request);
  const known = ['application/json', ...(definition.consumes ?? [])];
  if (!known.includes(type)) {
    const given = type === '' ? 'no content type' : `the content type ${type}`;
    throw new ServiceError('unsupported_media_type', `this takes ${known.join(', ')}; the request has ${given}`);
  }
  return parseJson(request.body);
}

async function answer(
  definition: Route,
  request: FastifyRequest,
  reply: FastifyReply,
  options: HttpServerOptions,
): Promise<unknown> {
  const parts = validate(definition, request, readBody(definition, request));
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  reply.code(definition.success.status);
  const context = { ...baseContext(request, reply, controller.signal), ...parts } as RouteContext<
    unknown,
    unknown,
    unknown
  >;
  const result = await definition.handle(context as Parameters<Route['handle']>[0]);
  if (result === reply || reply.sent) return reply;
  if (definition.success.status === 204) return reply.send();
  if (typeof result === 'string' || Buffer.isBuffer(result) || isStream(result)) return reply.send(result);
  if (options.checkAnswers) checkAnswer(definition, result);
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(result));
}

function isStream(value: unknown): boolean {
  return typeof (value as { pipe?: unknown } | null)?.pipe === 'function';
}

function checkAnswer(definition: Route, result: unknown): void {
  const parsed = (definition.success.schema ?? NO_BODY).safeParse(JSON.parse(JSON.stringify(result) ?? 'null'));
  if (parsed.success) return;
  throw new Error(
    `${definition.method} ${definition.path} answers against its own schema: ${z.prettifyError(parsed.error)}`,
  );
}
