import type { ConfigMap } from '../../lib/config-map.ts';
import { checkFields, type FieldTable } from './field-table.ts';

const TLS: FieldTable = {
  texts: 'ca ca_file ca_ref cert cert_file cert_ref key key_file key_ref server_name',
  flags: 'insecure_skip_verify',
};
const PROXY = 'proxy_url no_proxy';
const OAUTH2: FieldTable = {
  texts: `client_id client_secret client_secret_file client_secret_ref token_url ${PROXY}`,
  flags: 'proxy_from_environment',
  lists: 'scopes',
  textMaps: 'endpoint_params',
  anything: 'proxy_connect_header tls_config',
};
const HTTP: FieldTable = {
  texts: `bearer_token bearer_token_file ${PROXY}`,
  flags: 'follow_redirects enable_http2 proxy_from_environment',
  anything: 'proxy_connect_header http_headers',
};
const TLS_VERSIONS = ['TLS10', 'TLS11', 'TLS12', 'TLS13'];

/** `http_config`, which has no effect here, judged as it is in Alertmanager; nothing where there is none. */
export function checkHttpConfig(map: ConfigMap | undefined): void {
  if (!map) return;
  checkFields(map, HTTP);
  const ways = [checkBasicAuth(map.map('basic_auth')), checkOAuth2(map.map('oauth2'))].filter(Boolean).length;
  const authorization = map.map('authorization');
  const bearer = map.has('bearer_token') || map.has('bearer_token_file');
  onlyOne(map, 'bearer_token', 'bearer_token');
  if (authorization) {
    checkAuthorization(authorization);
    if (bearer) map.fail('authorization', 'authorization is not compatible with bearer_token & bearer_token_file');
    if (ways > 0) map.fail('authorization', 'at most one of basic_auth, oauth2 & authorization must be configured');
  } else if (ways + (bearer ? 1 : 0) > 1) {
    const message = 'at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured';
    map.fail('basic_auth', message);
  }
  checkTls(map.map('tls_config'));
  map.refuseOthers();
}

/** `tls_config`, in the same way. */
export function checkTls(map: ConfigMap | undefined): void {
  if (!map) return;
  checkFields(map, TLS);
  for (const field of ['min_version', 'max_version']) {
    const version = map.text(field);
    if (version !== undefined && !TLS_VERSIONS.includes(version)) map.fail(field, `unknown TLS version: ${version}`);
  }
  map.refuseOthers();
}

function checkBasicAuth(map: ConfigMap | undefined): boolean {
  if (!map) return false;
  checkFields(map, { texts: 'username username_file username_ref password password_file password_ref' });
  onlyOne(map, 'username', 'basic_auth username');
  onlyOne(map, 'password', 'basic_auth password');
  map.refuseOthers();
  return true;
}

function checkAuthorization(map: ConfigMap): void {
  checkFields(map, { texts: 'type credentials credentials_file credentials_ref' });
  onlyOne(map, 'credentials', 'authorization credentials');
  if ((map.text('type') ?? '').trim().toLowerCase() === 'basic') {
    map.fail('type', 'authorization type cannot be set to "basic", use "basic_auth" instead');
  }
  map.refuseOthers();
}

function checkOAuth2(map: ConfigMap | undefined): boolean {
  if (!map) return false;
  checkFields(map, OAUTH2);
  for (const field of ['client_id', 'token_url']) {
    if (!map.text(field)) map.fail(field, `oauth2 ${field} must be configured`);
  }
  if (!['client_secret', 'client_secret_file', 'client_secret_ref'].some((field) => map.text(field))) {
    map.fail('client_secret', 'either oauth2 client_secret or client_secret_file must be configured');
  }
  onlyOne(map, 'client_secret', 'oauth2 client_secret');
  map.refuseOthers();
  return true;
}

function onlyOne(map: ConfigMap, field: string, name: string): void {
  if (!map.text(field) || !map.text(`${field}_file`)) return;
  map.fail(field, `at most one of ${name} & ${field}_file must be configured`);
}
