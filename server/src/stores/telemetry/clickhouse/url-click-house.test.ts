import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ClickHouseServer } from '../../../../../tests/support/click-house-server.ts';
import { HttpStandIn } from '../../../../../tests/support/http-stand-in.ts';
import { testCertificates } from '../../../../../tests/support/self-signed-certificate.ts';
import { silentLogger } from '../../../../../tests/support/telemetry-store.ts';
import { encodeBlock, UInt64Column } from './native-block.ts';
import type { ServerAddress } from './server-client.ts';
import { UrlClickHouse } from './url-click-house.ts';

let server: ClickHouseServer;
let engine: UrlClickHouse;

const addressOf = (of: ClickHouseServer, changes: Partial<ServerAddress> = {}): ServerAddress => ({
  ...of.address,
  ...changes,
});
const open = (address: ServerAddress, waitMs = 0) => UrlClickHouse.open({ address, logger: silentLogger, waitMs });

beforeAll(async () => {
  server = await ClickHouseServer.start();
  engine = await open(addressOf(server));
});

afterAll(async () => {
  await engine.close();
  await server.stop();
});

function numbers(...values: readonly number[]): Uint8Array {
  const column = new UInt64Column();
  for (const value of values) column.appendNumber(value);
  return encodeBlock({ n: column }, values.length);
}

describe('a connection that breaks', () => {
  it.each(['drop', 'drop-half', 'drop-after'] as const)('is made again for a read: %s', async (fault) => {
    await server.arm({ on: 'SELECT 7', do: fault });
    expect(await engine.query('SELECT 7 AS seven')).toEqual([{ seven: 7 }]);
  });

  it.each(['drop', 'drop-after'] as const)('is made again for an insert, which counts once: %s', async (fault) => {
    await engine.command(
      'CREATE OR REPLACE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 10',
    );
    await server.arm({ on: 'INSERT INTO', do: fault });
    await engine.insertBlock('t', numbers(1, 2, 3), `token ${fault}`);
    expect(await engine.query('SELECT count() AS rows FROM t')).toEqual([{ rows: 3 }]);
  });

  it('is not made again for a statement, which may have been carried out', async () => {
    await server.arm({ on: 'CREATE TABLE once', do: 'drop-after' });
    const created = engine.command('CREATE TABLE once (n UInt64) ENGINE = Memory');
    await expect(created).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 5 });
    expect(await engine.query('SELECT count() AS rows FROM once')).toEqual([{ rows: 0 }]);
  });

  it('for longer is told, and is over when the server is back', async () => {
    await server.kill();
    await expect(engine.query('SELECT 1')).rejects.toMatchObject({
      code: 'unavailable',
      message: 'the telemetry store does not answer',
    });
    await expect(engine.insertBlock('t', numbers(1), 'later')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(engine.queryUser('SELECT 1')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(engine.ping()).rejects.toMatchObject({ code: 'unavailable' });
    await server.restart();
    await engine.ping();
    await engine.insertBlock('t', numbers(4), 'later');
    expect(await engine.query('SELECT count() AS rows FROM t')).toEqual([{ rows: 4 }]);
  });
});

describe('what the server says', () => {
  it.each([
    [202, 'Too many simultaneous queries for all users. Current: 100, maximum: 100', 'overloaded'],
    [252, 'Too many parts (300) in table', 'overloaded'],
    [243, 'Cannot reserve 1.00 MiB, not enough space', 'disk_full'],
    [242, 'Table is in readonly mode', 'unavailable'],
    [516, 'monitoring: Authentication failed', 'unavailable'],
  ])('becomes one of our errors: %d', async (code, message, expected) => {
    await server.arm({ on: 'SELECT 8', do: 'fail', code, message: `${message}. (SOME_NAME)` });
    const failed = engine.query('SELECT 8');
    await expect(failed).rejects.toMatchObject({ code: expected });
    await expect(failed).rejects.not.toThrow(message);
  });

  it('of an insert without memory is a reason to come again', async () => {
    await server.arm({
      on: 'INSERT',
      do: 'fail',
      code: 241,
      message: 'Memory limit exceeded. (MEMORY_LIMIT_EXCEEDED)',
    });
    await expect(engine.insertBlock('t', numbers(1), 'x')).rejects.toMatchObject({ code: 'overloaded' });
  });
});

describe('opening', () => {
  it('makes a missing database', async () => {
    const other = await open(addressOf(server, { database: 'made_here' }));
    expect(await other.query('SELECT currentDatabase() AS name')).toEqual([{ name: 'made_here' }]);
    await other.close();
  });

  it('says what to run where it may not', async () => {
    await server.arm({
      on: 'CREATE DATABASE',
      do: 'fail',
      code: 497,
      message: 'monitoring: Not enough privileges. (ACCESS_DENIED)',
    });
    const opening = open(addressOf(server, { database: 'denied' }));
    await expect(opening).rejects.toThrow(
      /has no database denied, and the user monitoring may not make it; .*CREATE DATABASE denied; GRANT ALL ON denied\.\* TO monitoring/,
    );
  });

  it('says that the password is wrong, and not which it is', async () => {
    const opening = open(addressOf(server, { password: 'guessed-wrongly' }));
    await expect(opening).rejects.toMatchObject({ code: 'unavailable' });
    await expect(opening).rejects.toThrow(/refuses the user monitoring or its password/);
    await expect(opening).rejects.not.toThrow(/guessed-wrongly/);
  });

  it.each([
    ['http://127.0.0.1:9', /nothing listens there/],
    ['http://no-such-host.invalid:8123', /host name is unknown/],
  ])('says that nobody is at %s', async (origin, reason) => {
    await expect(open(addressOf(server, { origin }))).rejects.toThrow(reason);
  });

  it('says that something else answers', async () => {
    const other = await HttpStandIn.start(() => ({ status: 404, body: '<html>nothing here</html>' }));
    onTestFinished(() => other.stop());
    await expect(open(addressOf(server, { origin: other.url }))).rejects.toThrow(/not as the HTTP interface/);
  });

  it('refuses a server that is too old', async () => {
    const other = await HttpStandIn.start(() => ({ status: 200, body: '25.8.3.66\n' }));
    onTestFinished(() => other.stop());
    await expect(open(addressOf(server, { origin: other.url }))).rejects.toThrow(
      /has version 25\.8\.3\.66; 26\.2 or newer/,
    );
  });

  it('waits for a server that is starting', async () => {
    const late = await ClickHouseServer.start();
    onTestFinished(() => late.stop());
    await late.kill();
    const waits: string[] = [];
    const logger = { ...silentLogger, warn: (_: unknown, message: string) => void waits.push(message) };
    const opening = UrlClickHouse.open({ address: addressOf(late), logger, waitMs: 60_000 });
    await expect.poll(() => waits).toEqual(['waiting for the ClickHouse server: nothing listens there']);
    await late.restart();
    await (await opening).close();
  });

  it('names the clusters that there are', async () => {
    const opening = open(addressOf(server, { cluster: 'nowhere' }));
    await expect(opening).rejects.toThrow(/knows no cluster nowhere: correct CLICKHOUSE_CLUSTER/);
  });
});

describe('TLS', () => {
  const { authority, ...tls } = testCertificates();
  let secure: ClickHouseServer;

  beforeAll(async () => {
    secure = await ClickHouseServer.start({ tls });
  });
  afterAll(() => secure.stop());

  it('trusts the authority that it was given, and uses the password', async () => {
    const certificateAuthority = Buffer.from(authority);
    const trusted = await open(addressOf(secure, { certificateAuthority }));
    expect(await trusted.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await trusted.close();
    await expect(open(addressOf(secure, { certificateAuthority, password: 'no' }))).rejects.toThrow(/its password/);
  });

  it('says that the certificate is not trusted', async () => {
    await expect(open(addressOf(secure))).rejects.toThrow(/certificate is not trusted: set CLICKHOUSE_CA_FILE/);
  });

  it('says that the port speaks no TLS', async () => {
    const origin = server.origin.replace('http:', 'https:');
    await expect(open(addressOf(server, { origin }))).rejects.toThrow(/does not speak TLS/);
  });

  it('says that the port speaks TLS only', async () => {
    const origin = secure.origin.replace('https:', 'http:');
    await expect(open(addressOf(secure, { origin }))).rejects.toThrow(/cannot be used/);
  });
});

describe('a server that says nothing', () => {
  it('is given up after the time of the query', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as { port: number };
    const opening = UrlClickHouse.open({
      address: addressOf(server, { origin: `http://127.0.0.1:${port}` }),
      logger: silentLogger,
      waitMs: 0,
      seconds: { control: -4 },
    });
    await expect(opening).rejects.toThrow(/does not answer in time/);
    silent.close();
  });
});
