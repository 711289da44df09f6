import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpStandIn } from '../../../tests/support/http-stand-in.ts';
import { AddressGuard } from './address-guard.ts';
import { ForbiddenAddress, OutgoingHttp, outcomeOfError, outcomeOfStatus, retryAfter } from './outgoing-http.ts';

const NOW = Date.UTC(2026, 0, 5, 12);

describe('OutgoingHttp', () => {
  let server: HttpStandIn;
  const opened: OutgoingHttp[] = [];

  beforeEach(async () => {
    server = await HttpStandIn.start();
  });

  afterEach(async () => {
    for (const http of opened.splice(0)) await http.close();
    await server.stop();
  });

  function create(allowList: string[], addresses: string[] = ['127.0.0.1']) {
    let lookups = 0;
    const http = new OutgoingHttp(new AddressGuard(allowList), async () => {
      lookups++;
      return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    });
    opened.push(http);
    const post = (url: string) =>
      http.post({ url, headers: {}, body: '{}', signal: AbortSignal.timeout(2000) }).catch((error) => error);
    return { post, lookups: () => lookups };
  }

  it('refuses a name whose address lies inside, before anything is sent', async () => {
    const { post } = create([]);
    const error = await post(`http://evil.example.org:${server.port}/`);
    expect(outcomeOfError(error)).toMatchObject({ outcome: 'failed', reason: 'forbidden_address' });
    expect(server.requests).toEqual([]);
  });

  it.each([
    ...['127.0.0.1', '0.0.0.0', '10.0.0.1', '100.64.0.1', '169.254.169.254', '172.16.0.1', '192.168.0.1', '198.18.0.1'],
    ...['224.0.0.1', '240.0.0.1', '::', '::1', 'fc00::1', 'fe80::1', 'ff02::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1'],
    ...['2002:7f00:1::', '2001:0:7f00:1::'],
  ])('refuses a name that is answered with %s', async (address) => {
    const { post } = create([], [address]);
    expect(outcomeOfError(await post(`http://rebound.example.org:${server.port}/`))).toMatchObject({
      reason: 'forbidden_address',
    });
    expect(server.requests).toEqual([]);
  });

  it('checks again at each attempt what a name is answered with', async () => {
    const answers = ['127.0.0.1', '10.0.0.1'];
    server.behave = () => ({ status: 200, headers: { connection: 'close' } });
    const http = new OutgoingHttp(new AddressGuard(['127.0.0.1']), async () => [
      { address: answers.shift()!, family: 4 },
    ]);
    opened.push(http);
    const url = `http://rebound.example.org:${server.port}/`;
    const post = () =>
      http.post({ url, headers: {}, body: '', signal: AbortSignal.timeout(2000) }).catch((error) => error);
    expect(await post()).toMatchObject({ status: 200 });
    expect(outcomeOfError(await post())).toMatchObject({ reason: 'forbidden_address' });
  });

  it('refuses a name of which only one address lies inside', async () => {
    const { post } = create([], ['93.184.216.34', '127.0.0.1']);
    expect(outcomeOfError(await post(`http://evil.example.org:${server.port}/`))).toMatchObject({
      reason: 'forbidden_address',
    });
  });

  it('connects to the address that it has checked, looked up once', async () => {
    const { post, lookups } = create(['127.0.0.0/8']);
    // No resolver of the system knows this name: the connection goes to the checked address or nowhere.
    expect(await post(`http://hooks.example.org:${server.port}/x`)).toMatchObject({ status: 200 });
    expect(lookups()).toBe(1);
    expect(server.requests[0]).toMatchObject({ path: '/x', headers: { host: `hooks.example.org:${server.port}` } });
  });

  it('refuses a literal address inside', async () => {
    const { post } = create([]);
    expect(await post(server.url)).toBeInstanceOf(ForbiddenAddress);
  });

  it('does not follow redirects', async () => {
    server.behave = () => ({ status: 302, headers: { location: 'http://169.254.169.254/' } });
    const { post } = create(['127.0.0.1']);
    const answer = await post(server.url);
    expect(outcomeOfStatus(answer, NOW)).toMatchObject({ outcome: 'failed', reason: 'rejected' });
    expect(server.requests).toHaveLength(1);
  });

  it('reads no more than the start of an answer', async () => {
    server.behave = () => ({ status: 200, body: 'x'.repeat(5_000_000) });
    const { post } = create(['127.0.0.1']);
    expect((await post(server.url)).body).toHaveLength(16 * 1024);
  });

  it('knows a broken connection and a silent server', async () => {
    const { post } = create(['127.0.0.1']);
    server.behave = () => 'drop';
    expect(outcomeOfError(await post(server.url))).toMatchObject({ reason: 'connection', mayHaveArrived: true });
    server.behave = () => 'silent';
    expect(outcomeOfError(await post(server.url))).toMatchObject({ reason: 'timeout', mayHaveArrived: true });
    const gone = server.url;
    await server.stop();
    expect(outcomeOfError(await post(gone))).toMatchObject({ reason: 'connection', mayHaveArrived: false });
    server = await HttpStandIn.start();
  });
});

describe('outcomeOfStatus', () => {
  const of = (status: number, headers = {}) => outcomeOfStatus({ status, headers, body: '' }, NOW);

  it.each([
    [200, { outcome: 'sent' }],
    [204, { outcome: 'sent' }],
    [301, { outcome: 'failed', reason: 'rejected' }],
    [400, { outcome: 'failed', reason: 'rejected' }],
    [401, { outcome: 'failed', reason: 'authentication' }],
    [404, { outcome: 'failed', reason: 'endpoint_gone' }],
    [408, { outcome: 'retry', reason: 'timeout' }],
    [410, { outcome: 'failed', reason: 'endpoint_gone' }],
    [413, { outcome: 'failed', reason: 'too_large' }],
    [422, { outcome: 'failed', reason: 'rejected' }],
    [425, { outcome: 'retry' }],
    [429, { outcome: 'retry', reason: 'rate_limited' }],
    [500, { outcome: 'retry', reason: 'server_error' }],
    [503, { outcome: 'retry', reason: 'server_error' }],
  ])('%i', (status, expected) => {
    expect(of(status)).toMatchObject(expected);
  });

  it('comes back when the target says so', () => {
    expect(of(429, { 'retry-after': '120' })).toMatchObject({ retryAfterMs: 120_000 });
    expect(of(503, { 'retry-after': 'Mon, 05 Jan 2026 12:01:00 GMT' })).toMatchObject({ retryAfterMs: 60_000 });
    expect(retryAfter('soon', NOW)).toBeUndefined();
    expect(retryAfter('999999999', NOW)).toBe(86_400_000);
    expect(retryAfter('Mon, 05 Jan 2026 11:00:00 GMT', NOW)).toBe(0);
  });
});
