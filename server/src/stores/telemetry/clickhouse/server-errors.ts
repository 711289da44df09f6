/** Codes of ClickHouse that say that the user is not known or the password is wrong. */
const CREDENTIALS = [192, 193, 194, 516];
const ACCESS_DENIED = 497;

/** What a ClickHouse server answered in place of rows. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  /** See `ErrorCodes.cpp` of ClickHouse. */
  readonly clickhouseCode: number;

  constructor(code: number, message: string) {
    super(message);
    this.clickhouseCode = code;
  }
}

/** No answer, or none of a ClickHouse: the request may or may not have been carried out. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  /** Names the reason, such as `ECONNREFUSED`; empty where there is none. */
  readonly code: string;

  constructor(code: string, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }

  /** Trying again may help: the server restarts, or a kept connection had been closed by it. */
  get isPassing(): boolean {
    return PASSING.has(this.code);
  }

  /** The server took too long to say anything. */
  get isTimeout(): boolean {
    return this.code === TIMEOUT;
  }
}

const TIMEOUT = 'TIMEOUT';

const REASONS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nothing listens there'],
  ['ENOTFOUND', 'the host name is unknown'],
  ['EAI_AGAIN', 'the host name is unknown just now'],
  ['ECONNRESET', 'the connection broke off'],
  ['EPIPE', 'the connection broke off'],
  ['ETIMEDOUT', 'it cannot be reached'],
  ['EHOSTUNREACH', 'it cannot be reached'],
  ['ENETUNREACH', 'it cannot be reached'],
  [TIMEOUT, 'it does not answer in time'],
  ['EPROTO', 'it does not speak TLS: use the HTTPS port, usually 8443, or http:// in CLICKHOUSE_URL'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'it does not speak TLS: use the HTTPS port, usually 8443, or http:// in the URL'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another host name'],
  ...[
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_GET_ISSUER_CERT',
  ].map((code) => [code, 'its certificate is not trusted: set CLICKHOUSE_CA_FILE to its authority'] as const),
]);

const PASSING: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'EAI_AGAIN',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** What the client throws, as one of the two errors above. */
export function toTransportError(error: unknown): ServerError | ConnectionError {
  if (error instanceof ServerError || error instanceof ConnectionError) return error;
  const { code, type, message } = error as { code?: unknown; type?: unknown; message: string };
  if (typeof type === 'string' && /^\d+$/.test(String(code))) return new ServerError(Number(code), message);
  const name = typeof code === 'string' ? code : nameOf(message);
  return new ConnectionError(name, REASONS.get(name) ?? NOT_CLICKHOUSE, error);
}

const NOT_CLICKHOUSE =
  'it answers, but not as the HTTP interface of a ClickHouse: use its HTTP port, usually 8123, or 8443 with https://';

/** Errors of the client that carry their reason in the text only. */
function nameOf(message: string): string {
  if (/^Timeout error/.test(message)) return TIMEOUT;
  if (/socket hang up|aborted/.test(message)) return 'ECONNRESET';
  return '';
}

/** Why a server cannot be used at the start, in words for whoever starts the service. Holds no password. */
export function explainOpening(error: unknown, host: string, user: string): string {
  const problem = toTransportError(error);
  if (problem instanceof ConnectionError) return `the ClickHouse server ${host} cannot be used: ${problem.message}`;
  if (CREDENTIALS.includes(problem.clickhouseCode)) {
    return `the ClickHouse server ${host} refuses the user ${user} or its password: correct CLICKHOUSE_URL (or CLICKHOUSE_USER and CLICKHOUSE_PASSWORD)`;
  }
  if (problem.clickhouseCode === ACCESS_DENIED) {
    return `the user ${user} of the ClickHouse server ${host} may not do this: ${firstSentence(problem.message)}`;
  }
  return `the ClickHouse server ${host} cannot be used: ${firstSentence(problem.message)}`;
}

export function isAccessDenied(error: unknown): boolean {
  return error instanceof ServerError && error.clickhouseCode === ACCESS_DENIED;
}

function firstSentence(message: string): string {
  return message.replace(/\s+/g, ' ').trim().slice(0, 300);
}
