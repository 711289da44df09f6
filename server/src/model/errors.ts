/**
 * Every error that a caller may meet, with its HTTP status. Modules throw `ServiceError`; `http/problem.ts` is the one
 * place that turns it into an answer.
 */
export const ERROR_CATALOGUE = {
  malformed: { status: 400, title: 'The request cannot be read' },
  unauthenticated: { status: 401, title: 'Credentials are missing or wrong' },
  forbidden: { status: 403, title: 'The credentials do not allow this' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'This address does not take this method' },
  timed_out: { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'The request conflicts with the present state' },
  too_large: { status: 413, title: 'The request is too large' },
  unsupported_media_type: { status: 415, title: 'The content type is not supported' },
  misdirected: { status: 421, title: 'The host name is not known here' },
  invalid: { status: 422, title: 'Some values are wrong' },
  upgrade_required: { status: 426, title: 'This address speaks WebSocket only' },
  rate_limited: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'The service failed' },
  overloaded: { status: 503, title: 'The service is overloaded' },
  unavailable: { status: 503, title: 'A part of the service is unavailable' },
  query_timeout: { status: 504, title: 'The query took too long' },
  disk_full: { status: 507, title: 'The disk is full' },
} as const;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** One wrong place in a request: `path` as in `labels.team`, `items[3].value` or a query parameter's name. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

export interface ServiceErrorOptions {
  readonly issues?: readonly Issue[];
  /** Close names, for a mistyped one. */
  readonly didYouMean?: readonly string[];
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** An error with a stable code. `message` is shown to callers: it never holds SQL, secrets or stack traces. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ErrorCode;
  readonly issues: readonly Issue[];
  readonly didYouMean: readonly string[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: ServiceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.issues = options.issues ?? [];
    this.didYouMean = options.didYouMean ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** 422 naming the wrong places. */
export function invalid(...issues: readonly Issue[]): ServiceError {
  return new ServiceError('invalid', issues.map((issue) => `${issue.path}: ${issue.message}`).join('; '), { issues });
}

export function notFound(what: string, didYouMean: readonly string[] = []): ServiceError {
  return new ServiceError('not_found', what, { didYouMean });
}
