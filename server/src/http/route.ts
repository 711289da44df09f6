import type { FastifyReply, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import type { z } from 'zod';
import type { ServiceError } from '../model/errors.ts';

/** What a credential may do. `admin` holds all, `write` holds `read`; a `public` route asks for nothing. */
export type Scope = 'public' | 'ingest' | 'read' | 'write' | 'admin';

/** Who is asking. In local mode everybody is `local` with the scope `admin`. */
export interface Principal {
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Set: a credential of this user alone, for what is this user's. */
  readonly userId?: string;
}

export interface RouteContext<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly principal: Principal;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Aborted when the client leaves before its answer. */
  readonly signal: AbortSignal;
}

/**
 * One route: what it takes, what it answers, who may call it. The same definition registers it, validates its input
 * (every mistake reported at once) and describes it in the OpenAPI document.
 */
export interface RouteDefinition<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** OpenAPI style: `/api/alerts/{alert_id}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly scope: Scope;
  /** Path parameters; `z.strictObject`. */
  readonly params?: Params;
  /** Query parameters; `z.strictObject` of string-based schemas. Left out: none are allowed. */
  readonly query?: Query;
  /** JSON body. Left out: with `consumes`, the handler gets the decompressed bytes as a `Buffer`; else nothing. */
  readonly body?: Body;
  /** Describes in the OpenAPI document a JSON body that the handler reads from the bytes itself. */
  readonly describesBody?: z.ZodType;
  /** Content types taken besides or instead of JSON. The handler then reads `request.headers['content-type']`. */
  readonly consumes?: readonly string[];
  /** Content types whose bodies the handler gets as a `Readable` of decompressed bytes; `bodyLimit` does not hold. */
  readonly streams?: readonly string[];
  /** Content encodings that the handler undoes itself, in lower case: it then gets the bytes as they came. */
  readonly ownEncodings?: readonly string[];
  /** Most bytes of a body, before and after decompression. Default 1 MiB. */
  readonly bodyLimit?: number;
  /** True: unknown query parameters pass (endpoints in other projects' words). Default false. */
  readonly lenient?: boolean;
  readonly success: {
    readonly status: 200 | 201 | 202 | 204;
    readonly schema?: z.ZodType;
    /** Content type where it is not JSON. */
    readonly contentType?: string;
    readonly description?: string;
  };
  /**
   * Returns what becomes the JSON answer; a `string`, `Buffer` or stream goes out as it is (set its content type on
   * `reply`). Returning `reply` itself says that the answer was sent by hand.
   */
  handle(context: RouteContext<z.output<Params>, z.output<Query>, z.output<Body>>): unknown;
  /** Subprotocols that the WebSocket speaks besides its plain form. */
  readonly subprotocols?: readonly string[];
  /** Takes the WebSocket after the upgrade; `handle` then answers plain GETs. */
  webSocket?(socket: WebSocket, context: RouteContext<z.output<Params>, z.output<Query>, undefined>): void;
  /** Told of the error of every request that is refused, before its answer. */
  onRefused?(error: ServiceError): void;
  /** Answers in the words of another protocol. Default: problem+json. */
  onError?(error: unknown, request: FastifyRequest, reply: FastifyReply): unknown;
}

/** A route whose schemas are no longer of interest to the compiler. */
export type Route = RouteDefinition;

/** Ties a handler's types to its schemas. */
export function route<
  Params extends z.ZodType = z.ZodType<Record<string, never>>,
  Query extends z.ZodType = z.ZodType<Record<string, never>>,
  Body extends z.ZodType = z.ZodType<undefined>,
>(definition: RouteDefinition<Params, Query, Body>): Route {
  return definition as unknown as Route;
}
