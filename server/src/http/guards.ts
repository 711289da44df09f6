import { isIP } from 'node:net';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ServiceError } from '../model/errors.ts';
import type { Principal, Scope } from './route.ts';

/** Finds out who is asking. Declared here, given by the composition root. */
export interface Authenticator {
  /** True: everybody is welcome (local mode, or authentication switched off in writing). */
  readonly open: boolean;
  /** The owner of a bearer token, or `undefined`. */
  authenticate(token: string): Promise<Principal | undefined>;
  /** The owner of a one-time ticket for WebSockets, or `undefined`. Left out: there are none. */
  redeemTicket?(ticket: string): Principal | undefined;
}

export interface GuardOptions {
  readonly authenticator: Authenticator;
  /** Origins of browsers that may call besides our own pages: `https://grafana.example.org`. */
  readonly allowedOrigins: readonly string[];
  /** Host names that requests may carry; `undefined`: any. Addresses and names without a dot always pass. */
  readonly allowedHosts: ReadonlySet<string> | undefined;
}

const EVERYBODY: Principal = { name: 'local', scopes: new Set(['admin'] as const) };
const NOBODY: Principal = { name: 'anonymous', scopes: new Set() };

/**
 * Refuses requests that reach us under a foreign name: a web page whose name was re-bound to our address would else
 * read everything where no credentials are asked for. Addresses cannot be re-bound, and nobody outside owns a name
 * without a dot (`localhost`, a container's name).
 */
export function checkHost(request: FastifyRequest, options: GuardOptions): void {
  if (!options.allowedHosts) return;
  const name = hostName(request.headers.host ?? '');
  const isOurs = !name.includes('.') || name.endsWith('.localhost') || isIP(name) !== 0;
  if (isOurs || options.allowedHosts.has(name)) return;
  throw new ServiceError(
    'misdirected',
    `the host name "${name}" is not known here; open http://localhost, or set PUBLIC_URL to the name that you use`,
  );
}

function hostName(host: string): string {
  const bare = host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:\d*$/, '');
  return bare.toLowerCase();
}

/** True where a browser sent this from a page that may call us: ours, or one of the allowed origins. */
function isWelcomeOrigin(origin: string, request: FastifyRequest, options: GuardOptions): boolean {
  if (options.allowedOrigins.includes(origin)) return true;
  try {
    return new URL(origin).host === request.headers.host;
  } catch {
    return false;
  }
}

/** CORS for the allowed origins; every other foreign page is refused before anything happens. */
export function checkOrigin(request: FastifyRequest, reply: FastifyReply, options: GuardOptions): void {
  const { origin } = request.headers;
  if (origin === undefined) return;
  if (!isWelcomeOrigin(origin, request, options)) {
    throw new ServiceError('forbidden', `pages of ${origin} may not call this service; add it to ALLOWED_ORIGINS`);
  }
  reply.header('vary', 'Origin');
  if (options.allowedOrigins.includes(origin)) {
    reply.header('access-control-allow-origin', origin);
    reply.header('access-control-allow-credentials', 'true');
    reply.header('access-control-expose-headers', 'Location, Retry-After');
  }
}

/** Answers a CORS preflight; `checkOrigin` has run before. */
export function answerPreflight(reply: FastifyReply): FastifyReply {
  return reply
    .header('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE')
    .header('access-control-allow-headers', 'authorization, content-type, content-encoding, idempotency-key')
    .header('access-control-max-age', '600')
    .code(204)
    .send();
}

/** The caller, if it may use a route of this scope; else 401 or 403. `takesTickets`: for the route's WebSocket. */
export async function authorize(
  request: FastifyRequest,
  scope: Scope,
  options: GuardOptions,
  takesTickets: boolean,
): Promise<Principal> {
  const { authenticator } = options;
  if (scope === 'public' && !authenticator.open) return NOBODY;
  const token = bearerToken(request);
  if (takesTickets && token !== undefined && request.headers.upgrade !== undefined) {
    const holder = authenticator.redeemTicket?.(token);
    if (holder && allows(holder, scope)) return holder;
  }
  return await authorizeToken(token, scope, authenticator);
}

/** The owner of a bearer token, if it may do what the scope says; throws `unauthenticated` or `forbidden`. */
export async function authorizeToken(
  token: string | undefined,
  scope: Scope,
  authenticator: Authenticator,
): Promise<Principal> {
  if (authenticator.open) return EVERYBODY;
  if (token === undefined) {
    throw new ServiceError('unauthenticated', 'send an API key: "Authorization: Bearer <key>"');
  }
  const principal = await authenticator.authenticate(token);
  if (!principal) throw new ServiceError('unauthenticated', 'the API key is not known');
  if (!allows(principal, scope)) {
    throw new ServiceError(
      'forbidden',
      `this needs the scope "${scope}"; the key has ${[...principal.scopes].join(', ')}`,
    );
  }
  return principal;
}

/** The token of an `Authorization` header: `Bearer <key>`, or the password of `Basic`, whatever the user name. */
export function tokenOf(authorization: string | undefined): string | undefined {
  const [, scheme, value] = /^(bearer|basic) +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (value === undefined || scheme?.toLowerCase() === 'bearer') return value;
  const pair = Buffer.from(value, 'base64').toString();
  return pair.includes(':') ? pair.slice(pair.indexOf(':') + 1) : undefined;
}

/**
 * A browser cannot set headers on a WebSocket: there the key comes as two subprotocols, `bearer, <key>`, or
 * `bearer-base64url, <encoded key>` where the key holds characters that a subprotocol may not.
 */
function bearerToken(request: FastifyRequest): string | undefined {
  const token = tokenOf(request.headers.authorization);
  if (token !== undefined) return token;
  const protocols = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((word) => word.trim());
  const after = (marker: string) => (protocols.includes(marker) ? protocols[protocols.indexOf(marker) + 1] : undefined);
  const encoded = after('bearer-base64url');
  return encoded === undefined ? after('bearer') : Buffer.from(encoded, 'base64url').toString();
}

function allows(principal: Principal, scope: Scope): boolean {
  const { scopes } = principal;
  return scopes.has(scope) || scopes.has('admin') || (scope === 'read' && scopes.has('write'));
}
