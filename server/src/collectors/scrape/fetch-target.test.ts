import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http, { type RequestListener } from 'node:http';
import https from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ConfigMap } from '../../lib/config-map.ts';
import type { Issue } from '../../model/errors.ts';
import { BodyBudget, fetchTarget } from './fetch-target.ts';
import { HttpClient } from './http-client.ts';
import { readScrapeJobs } from './read-scrape-jobs.ts';
import { targetsOf } from './target.ts';

const TEXT = { 'content-type': 'text/plain; version=0.0.4' };
const missingOpenssl = spawnSync('openssl', ['version']).status !== 0;
if (missingOpenssl) {
  const message = 'a scrape over TLS: the command "openssl" is not installed';
  if (process.env.CI === 'true') throw new Error(message);
  process.stderr.write(`SKIPPED: ${message}\n`);
}

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fetch-target-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function listen(server: http.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Scrapes a server; what it answered as text. */
async function fetchFrom(port: number, fields: Record<string, unknown> = {}, limits = {}) {
  const { fetch } = clientOf(port, fields, limits);
  const { format, body } = await fetch();
  return { format, text: body.toString() };
}

/** A client for one target, to scrape it more than once. */
function clientOf(
  port: number,
  fields: Record<string, unknown> = {},
  { ms = 5000, budget = new BodyBudget() }: { ms?: number; budget?: BodyBudget } = {},
) {
  const problems: Issue[] = [];
  const config = {
    scrape_configs: [{ job_name: 'j', static_configs: [{ targets: [`127.0.0.1:${port}`] }], ...fields }],
  };
  const job = readScrapeJobs(new ConfigMap(config, '', problems))[0]!;
  expect(problems).toEqual([]);
  const found = targetsOf({ targets: [{ __address__: `127.0.0.1:${port}` }], labels: {} }, job)[0]!;
  if (found.kind !== 'active') throw new Error(found.kind);
  const client = new HttpClient(job.http, folder);
  onTestFinished(() => client.close());
  const fetch = () => fetchTarget(found.target, { job, client, budget }, AbortSignal.timeout(ms));
  return { fetch, scrape: async () => (await fetch()).body.toString() };
}

const serve = (listener: RequestListener) => listen(http.createServer(listener));

describe('a scrape', () => {
  it('asks as Prometheus does', async () => {
    let seen: http.IncomingMessage | undefined;
    const port = await serve((request, response) => {
      seen = request;
      response.writeHead(200, TEXT).end('a 1\n');
    });
    expect(await fetchFrom(port, { params: { x: ['1'] } })).toEqual({ format: 'text', text: 'a 1\n' });
    expect(seen!.url).toBe('/metrics?x=1');
    expect(seen!.headers).toMatchObject({
      accept:
        'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,' +
        'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
      'accept-encoding': 'gzip',
      'x-prometheus-scrape-timeout-seconds': '10',
    });
    await fetchFrom(port, {
      scrape_native_histograms: true,
      metric_name_validation_scheme: 'legacy',
      enable_compression: false,
    });
    expect(seen!.headers.accept).toMatch(
      /^application\/vnd\.google\.protobuf;proto=io\.prometheus\.client\.MetricFamily;encoding=delimited;q=0\.6,application\/openmetrics-text;version=1\.0\.0;escaping=underscores;q=0\.5,/,
    );
    expect(seen!.headers['accept-encoding']).toBe('identity');
  });

  it.each([
    ['application/openmetrics-text; version=1.0.0; charset=utf-8', 'openmetrics'],
    ['application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited', 'protobuf'],
    ['Text/Plain', 'text'],
  ])('takes %s', async (type, format) => {
    const port = await serve((_, response) => response.writeHead(200, { 'content-type': type }).end('a 1\n'));
    expect((await fetchFrom(port)).format).toBe(format);
  });

  it('unpacks gzip, and refuses what is cut', async () => {
    const packed = gzipSync('a 1\n'.repeat(1000));
    const port = await serve((request, response) => {
      response.writeHead(200, { ...TEXT, 'content-encoding': 'gzip' });
      response.end(request.url === '/cut' ? packed.subarray(0, -10) : packed);
    });
    expect((await fetchFrom(port)).text).toHaveLength(4000);
    await expect(fetchFrom(port, { metrics_path: '/cut' })).rejects.toThrow('no whole gzip: unexpected end of file');
    await expect(fetchFrom(port, { body_size_limit: '3KB' })).rejects.toThrow('body_size_limit allows (3072 bytes)');
  });

  it('refuses bodies that are too large, without reading them whole', async () => {
    let sent = 0;
    const port = await serve((_, response) => {
      response.writeHead(200, TEXT);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 'a'))) sent++;
      };
      response.on('drain', more);
      more();
    });
    await expect(fetchFrom(port, { body_size_limit: '1MB' })).rejects.toThrow('body_size_limit allows (1048576 bytes)');
    expect(sent).toBeLessThan(1000);
    await expect(fetchFrom(port, {}, { budget: new BodyBudget(100_000) })).rejects.toThrow('too many large answers');
  });

  it.each<[string, RequestListener, RegExp]>([
    ['500', (_, response) => response.writeHead(500, TEXT).end('a 1\n'), /HTTP status 500 Internal Server Error/],
    [
      'no content type',
      (_, response) => response.writeHead(200).end('a 1\n'),
      /no Content-Type, .*fallback_scrape_protocol/,
    ],
    [
      'a page',
      (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
      /"text\/html" is not known/,
    ],
    ['bytes', (_, response) => response.writeHead(200, TEXT).end(Buffer.from([0x61, 0xff, 0x0a])), /not UTF-8/],
    [
      'half an answer',
      (_, response) =>
        response.writeHead(200, { ...TEXT, 'content-length': '100' }).write('a 1\n', () => response.destroy()),
      /closed before the answer ended/,
    ],
    ['nothing', (request) => request.socket.destroy(), /closed before the answer ended/],
  ])('refuses %s', async (_, listener, message) => {
    await expect(fetchFrom(await serve(listener))).rejects.toThrow(message);
  });

  it('falls back where the job says to what', async () => {
    const port = await serve((_, response) => response.writeHead(200).end('a 1\n'));
    expect((await fetchFrom(port, { fallback_scrape_protocol: 'OpenMetricsText1.0.0' })).format).toBe('openmetrics');
  });

  it('says that nobody listens, or that nobody answers in time', async () => {
    await expect(fetchFrom(1)).rejects.toThrow('connection refused');
    const silent = await serve(() => {});
    await expect(fetchFrom(silent, {}, { ms: 100 })).rejects.toThrow(/timeout/);
    const dripping = await serve((_, response) => response.writeHead(200, TEXT).write('a'));
    await expect(fetchFrom(dripping, {}, { ms: 100 })).rejects.toThrow(/timeout/);
  });

  it('follows redirects, up to a number, and not where it shall not', async () => {
    const port = await serve((request, response) => {
      if (request.url === '/metrics') response.writeHead(302, { location: '/there' }).end();
      else if (request.url === '/there') response.writeHead(200, TEXT).end('a 1\n');
      else if (request.url === '/round') response.writeHead(302, { location: request.url }).end();
      else response.writeHead(302, { location: `${request.url}/on` }).end();
    });
    expect((await fetchFrom(port)).text).toBe('a 1\n');
    await expect(fetchFrom(port, { follow_redirects: false })).rejects.toThrow('HTTP status 302 Found');
    await expect(fetchFrom(port, { metrics_path: '/round' })).rejects.toThrow('redirects lead nowhere');
    await expect(fetchFrom(port, { metrics_path: '/on' })).rejects.toThrow('redirects lead nowhere');
  });

  it('sends credentials, read anew from their files, and headers', async () => {
    const port = await serve((request, response) =>
      response.writeHead(200, TEXT).end(`${request.headers.authorization} ${request.headers['x-tenant']}`),
    );
    writeFileSync(join(folder, 'token'), 'one\n');
    const bearer = { authorization: { credentials_file: 'token' }, http_headers: { 'X-Tenant': { values: ['t'] } } };
    expect((await fetchFrom(port, bearer)).text).toBe('Bearer one t');
    writeFileSync(join(folder, 'token'), 'two');
    expect((await fetchFrom(port, bearer)).text).toBe('Bearer two t');
    const basic = { basic_auth: { username: 'u', password_file: 'token' } };
    expect((await fetchFrom(port, basic)).text).toBe(`Basic ${Buffer.from('u:two').toString('base64')} undefined`);
    expect((await fetchFrom(port, { bearer_token: 'three' })).text).toBe('Bearer three undefined');
    await expect(fetchFrom(port, { bearer_token_file: 'none' })).rejects.toThrow(
      'the file none cannot be read: ENOENT',
    );
  });

  it('gets a token for client credentials, once until it ends, wherever the server wants them', async () => {
    const asked: string[] = [];
    const tokens = http.createServer((request, response) => {
      request.setEncoding('utf8').on('data', (form: string) => {
        asked.push(`${request.headers.authorization ?? 'none'} ${form}`);
        const isRefused = request.url === '/form' && request.headers.authorization !== undefined;
        const answer = { access_token: `token-${asked.length}`, token_type: 'bearer', expires_in: 3600 };
        response.writeHead(isRefused ? 401 : 200).end(JSON.stringify(answer));
      });
    });
    const at = `http://127.0.0.1:${await listen(tokens)}`;
    const port = await serve((request, response) => response.writeHead(200, TEXT).end(request.headers.authorization));
    writeFileSync(join(folder, 'client-secret'), 'p:w\n');
    const oauth2 = { client_id: 'me', client_secret_file: 'client-secret', token_url: `${at}/header` };
    const more = { scopes: ['a', 'b'], endpoint_params: { audience: 'x' } };
    const { scrape } = clientOf(port, { oauth2: { ...oauth2, ...more } });
    expect(await Promise.all([scrape(), scrape()])).toEqual(['Bearer token-1', 'Bearer token-1']);
    expect(await scrape()).toBe('Bearer token-1');
    const pair = Buffer.from('me:p%3Aw').toString('base64');
    expect(asked).toEqual([`Basic ${pair} grant_type=client_credentials&audience=x&scope=a+b`]);
    writeFileSync(join(folder, 'client-secret'), 'new');
    expect(await scrape()).toBe('Bearer token-2');
    expect((await fetchFrom(port, { oauth2: { ...oauth2, token_url: `${at}/form` } })).text).toBe('Bearer token-4');
    expect(asked[3]).toBe('none grant_type=client_credentials&client_id=me&client_secret=new');
    await expect(fetchFrom(port, { oauth2: { ...oauth2, token_url: `http://127.0.0.1:${port}` } })).rejects.toThrow(
      'the server of tokens answered with 200 and without an access_token',
    );
  });

  it('goes through a proxy, but not to hosts that are left out', async () => {
    const target = await serve((_, response) => response.writeHead(200, TEXT).end('direct 1\n'));
    const proxy = await serve((request, response) =>
      response.writeHead(200, TEXT).end(`proxied ${request.url} ${request.headers['proxy-authorization']}\n`),
    );
    const proxyUrl = `http://u:p@127.0.0.1:${proxy}`;
    expect((await fetchFrom(target, { proxy_url: proxyUrl })).text).toBe(
      `proxied http://127.0.0.1:${target}/metrics Basic ${Buffer.from('u:p').toString('base64')}\n`,
    );
    const except = (noProxy: string) => fetchFrom(target, { proxy_url: proxyUrl, no_proxy: noProxy });
    expect((await except('127.0.0.0/8')).text).toBe('direct 1\n');
    expect((await except(`127.0.0.1:${target}`)).text).toBe('direct 1\n');
    expect((await except('127.0.0.1:1, example.com')).text).toMatch(/^proxied/);
  });
});

describe.skipIf(missingOpenssl)('a scrape over TLS', () => {
  const at = (name: string) => join(folder, name);

  beforeAll(() => {
    const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
    const selfSigned = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30'];
    openssl(
      ...selfSigned,
      '-keyout',
      'server.key',
      '-out',
      'server.crt',
      '-subj',
      '/CN=scraped',
      '-addext',
      'subjectAltName=DNS:scraped',
    );
    openssl(...selfSigned, '-keyout', 'client.key', '-out', 'client.crt', '-subj', '/CN=client');
  });

  async function serveTls(options: https.ServerOptions = {}): Promise<number> {
    const files = { key: readFileSync(at('server.key')), cert: readFileSync(at('server.crt')) };
    return await listen(
      https.createServer({ ...files, ...options }, (_, response) => response.writeHead(200, TEXT).end('a 1\n')),
    );
  }

  it('trusts the authority of the job, under the name of the job', async () => {
    const port = await serveTls();
    const tls = (options: object) => fetchFrom(port, { scheme: 'https', tls_config: options });
    expect((await tls({ ca_file: 'server.crt', server_name: 'scraped' })).text).toBe('a 1\n');
    expect((await tls({ ca: readFileSync(at('server.crt'), 'utf8'), server_name: 'scraped' })).text).toBe('a 1\n');
    expect((await tls({ insecure_skip_verify: true })).text).toBe('a 1\n');
    await expect(tls({})).rejects.toThrow(/self-signed certificate/);
    await expect(tls({ ca_file: 'server.crt' })).rejects.toThrow(/does not match certificate/);
    await expect(tls({ ca_file: 'missing.crt' })).rejects.toThrow('the file missing.crt cannot be read: ENOENT');
  });

  it('shows the certificate of the job', async () => {
    const port = await serveTls({ requestCert: true, rejectUnauthorized: true, ca: readFileSync(at('client.crt')) });
    const tls = { ca_file: 'server.crt', server_name: 'scraped' };
    const own = { cert_file: 'client.crt', key_file: 'client.key' };
    expect((await fetchFrom(port, { scheme: 'https', tls_config: { ...tls, ...own } })).text).toBe('a 1\n');
    await expect(fetchFrom(port, { scheme: 'https', tls_config: tls })).rejects.toThrow();
  });

  it('goes through the tunnel of a proxy', async () => {
    const port = await serveTls();
    const asked: string[] = [];
    const proxy = http.createServer();
    proxy.on('connect', (request, socket) => {
      asked.push(request.url!);
      const upstream = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
    });
    const tls_config = { ca_file: 'server.crt', server_name: 'scraped' };
    const proxy_url = `http://127.0.0.1:${await listen(proxy)}`;
    expect((await fetchFrom(port, { scheme: 'https', tls_config, proxy_url })).text).toBe('a 1\n');
    expect(asked).toEqual([`127.0.0.1:${port}`]);
  });
});
