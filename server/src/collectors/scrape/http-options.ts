import type { ConfigMap } from '../../lib/config-map.ts';

/** A text that stands in the configuration or in a file, which is then read for each use. */
export type Secret = { readonly text: string } | { readonly file: string };

/** How to reach and to convince an HTTP server. */
export interface HttpOptions {
  readonly basicAuth: { readonly username: Secret; readonly password: Secret } | undefined;
  readonly authorization: { readonly type: string; readonly credentials: Secret } | undefined;
  readonly oauth2: OAuth2Options | undefined;
  readonly headers: Readonly<Record<string, readonly Secret[]>>;
  readonly tls: TlsOptions;
  readonly proxyUrl: string | undefined;
  readonly noProxy: readonly string[];
  readonly proxyFromEnvironment: boolean;
  readonly proxyConnectHeaders: Readonly<Record<string, readonly string[]>>;
  readonly followRedirects: boolean;
  readonly enableHttp2: boolean;
}

/** Client credentials of OAuth 2.0, and how to reach the server that gives tokens for them. */
export interface OAuth2Options {
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly tokenUrl: string;
  readonly scopes: readonly string[];
  /** Sent with each request for a token. */
  readonly endpointParams: Readonly<Record<string, string>>;
  readonly http: HttpOptions;
}

interface TlsOptions {
  readonly ca: Secret | undefined;
  readonly cert: Secret | undefined;
  readonly key: Secret | undefined;
  readonly serverName: string | undefined;
  readonly insecureSkipVerify: boolean;
  readonly minVersion: TlsVersion | undefined;
  readonly maxVersion: TlsVersion | undefined;
}

type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

const TLS_VERSIONS = { TLS10: 'TLSv1', TLS11: 'TLSv1.1', TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const;
const TLS_WORDS = Object.keys(TLS_VERSIONS) as (keyof typeof TLS_VERSIONS)[];
const NO_TLS: TlsOptions = {
  ca: undefined,
  cert: undefined,
  key: undefined,
  serverName: undefined,
  insecureSkipVerify: false,
  minVersion: undefined,
  maxVersion: undefined,
};

/**
 * The fields of Prometheus' `http_config`, which stand among the others of a job or a discovery. Mistakes go where the
 * map collects them. https://prometheus.io/docs/prometheus/latest/configuration/configuration/#http_config
 */
export function readHttpOptions(map: ConfigMap): HttpOptions {
  const authorization = readAuthorization(map);
  const basicAuth = readBasicAuth(map.map('basic_auth'));
  const oauth2 = readOAuth2(map.map('oauth2'));
  if (basicAuth && authorization) map.fail('basic_auth', 'give basic_auth or authorization, not both');
  if (oauth2 && (basicAuth || authorization)) map.fail('oauth2', 'give oauth2 alone, or basic_auth or authorization');
  return {
    ...readTransport(map),
    basicAuth,
    authorization,
    oauth2,
    headers: readHeaders(map.map('http_headers')),
    followRedirects: map.flag('follow_redirects') ?? true,
    enableHttp2: map.flag('enable_http2') ?? true,
  };
}

/** TLS and proxy, which requests for tokens have of their own. */
function readTransport(map: ConfigMap) {
  const proxyUrl = map.text('proxy_url');
  const proxyFromEnvironment = map.flag('proxy_from_environment') ?? false;
  const noProxy = map.text('no_proxy');
  if (proxyUrl !== undefined && !/^https?:\/\/[^/]/.test(proxyUrl)) {
    map.fail('proxy_url', 'use a URL that starts with http:// or https://');
  }
  if (proxyUrl !== undefined && proxyFromEnvironment) {
    map.fail('proxy_from_environment', 'give proxy_url or proxy_from_environment, not both');
  }
  if (noProxy !== undefined && proxyUrl === undefined) map.fail('no_proxy', 'needs proxy_url');
  return {
    tls: readTls(map.map('tls_config')),
    proxyUrl: proxyUrl !== undefined && URL.canParse(proxyUrl) ? proxyUrl : undefined,
    noProxy: (noProxy ?? '')
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
    proxyFromEnvironment,
    proxyConnectHeaders: map.textsMap('proxy_connect_header') ?? {},
  };
}

function readOAuth2(map: ConfigMap | undefined): OAuth2Options | undefined {
  if (!map) return undefined;
  const clientId = map.text('client_id') ?? '';
  const clientSecret = readSecret(map, 'client_secret');
  const tokenUrl = map.text('token_url') ?? '';
  const params = map.map('endpoint_params');
  const endpointParams = Object.fromEntries((params?.keys() ?? []).map((name) => [name, params!.text(name) ?? '']));
  if (clientId === '') map.fail('client_id', 'give the id of the client');
  if (!clientSecret) map.fail('client_secret', 'give client_secret or client_secret_file');
  if (!/^https?:\/\/[^/]/.test(tokenUrl) || !URL.canParse(tokenUrl)) {
    map.fail('token_url', 'use a URL that starts with http:// or https://');
  }
  const options = {
    clientId,
    clientSecret: clientSecret ?? { text: '' },
    tokenUrl,
    scopes: map.texts('scopes') ?? [],
    endpointParams,
    http: {
      ...readTransport(map),
      ...{ basicAuth: undefined, authorization: undefined, oauth2: undefined, headers: {} },
      ...{ followRedirects: false, enableHttp2: true },
    },
  };
  map.refuseOthers();
  return options;
}

/** `<name>` or `<name>_file`; both are a mistake. */
function readSecret(map: ConfigMap, name: string, fileName = `${name}_file`): Secret | undefined {
  const text = map.text(name);
  const file = map.text(fileName);
  if (text !== undefined && file !== undefined) return map.fail(fileName, `give ${name} or ${fileName}, not both`);
  if (text !== undefined) return { text };
  return file === undefined || file === '' ? undefined : { file };
}

function readBasicAuth(map: ConfigMap | undefined): HttpOptions['basicAuth'] {
  if (!map) return undefined;
  const username = readSecret(map, 'username') ?? { text: '' };
  const password = readSecret(map, 'password') ?? { text: '' };
  map.refuseOthers();
  return { username, password };
}

function readAuthorization(map: ConfigMap): HttpOptions['authorization'] {
  const bearer = readSecret(map, 'bearer_token');
  const own = map.map('authorization');
  if (!own) return bearer && { type: 'Bearer', credentials: bearer };
  const type = (own.text('type') ?? 'Bearer').trim();
  const credentials = readSecret(own, 'credentials');
  own.refuseOthers();
  if (bearer) map.fail('bearer_token', 'give bearer_token or authorization, not both');
  if (type.toLowerCase() === 'basic') own.fail('type', 'for basic use basic_auth');
  if (!credentials) return own.fail('credentials', 'give credentials or credentials_file');
  return { type, credentials };
}

/** Headers that are made from other settings. */
const RESERVED_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'host',
  'content-encoding',
  'content-length',
  'content-type',
  'user-agent',
  'connection',
  'accept-encoding',
  'transfer-encoding',
]);

function readHeaders(map: ConfigMap | undefined): HttpOptions['headers'] {
  const headers: Record<string, readonly Secret[]> = {};
  for (const name of map?.keys() ?? []) {
    const entry = map!.map(name)!;
    if (RESERVED_HEADERS.has(name.toLowerCase())) map!.fail(name, 'this header cannot be set here');
    const texts = [...(entry.texts('values') ?? []), ...(entry.texts('secrets') ?? [])].map((text) => ({ text }));
    headers[name] = [...texts, ...(entry.texts('files') ?? []).map((file) => ({ file }))];
    entry.refuseOthers();
  }
  return headers;
}

function readTls(map: ConfigMap | undefined): TlsOptions {
  if (!map) return NO_TLS;
  const version = (key: string) => {
    const word = map.oneOf(key, TLS_WORDS);
    return word && TLS_VERSIONS[word];
  };
  const options = {
    ca: readSecret(map, 'ca'),
    cert: readSecret(map, 'cert'),
    key: readSecret(map, 'key'),
    serverName: map.text('server_name'),
    insecureSkipVerify: map.flag('insecure_skip_verify') ?? false,
    minVersion: version('min_version'),
    maxVersion: version('max_version'),
  };
  if (options.cert && !options.key) map.fail('key', 'a certificate needs its key: give key or key_file');
  if (options.key && !options.cert) map.fail('cert', 'a key needs its certificate: give cert or cert_file');
  map.refuseOthers();
  return options;
}
