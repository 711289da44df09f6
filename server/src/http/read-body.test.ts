import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { route } from './index.ts';
import type { BodyBounds } from './read-body.ts';
import { createHttpServer } from './server.ts';

const MIB = 1024 ** 2;
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const length = route({
  method: 'POST',
  path: '/length',
  tag: 't',
  summary: 's',
  scope: 'write',
  consumes: ['text/plain'],
  bodyLimit: 2 * MIB,
  success: { status: 200 },
  handle: ({ request }) => String((request.body as Buffer).length),
});

let app: FastifyInstance | undefined;
const clients: Socket[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await app?.close();
});

async function serve(bodies?: Partial<BodyBounds>): Promise<void> {
  app = await createHttpServer({
    routes: [length],
    logger: silent,
    trustProxy: false,
    guards: {
      authenticator: { open: true, authenticate: async () => undefined },
      allowedOrigins: [],
      allowedHosts: undefined,
    },
    ...(bodies && { bodies }),
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
}

/** A client that has sent its headers and so much of the body. */
function begin(headers: string, ...parts: (string | Buffer)[]): Socket {
  const client = connect((app!.server.address() as AddressInfo).port, '127.0.0.1');
  clients.push(client);
  client.write(`POST /length HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\n${headers}\r\n\r\n`);
  for (const part of parts) client.write(part);
  return client;
}

async function statusOf(client: Socket): Promise<number> {
  return Number((await text(client)).split(' ')[1]);
}

describe('bodies of a real connection', () => {
  it('reaches a sender with its refusal while that one still writes', async () => {
    await serve();
    const body = Buffer.alloc(24 * MIB, 'x');
    for (let round = 0; round < 5; round++) {
      expect(await statusOf(begin(`content-length: ${body.length}`, body))).toBe(413);
    }
  });

  it('stops to decompress what has become too large', async () => {
    await serve();
    const bomb = gzipSync(Buffer.alloc(64 * MIB));
    const client = begin(`content-encoding: gzip\r\ncontent-length: ${bomb.length}`, bomb);
    const answer = await text(client);
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain('the body is larger than 2 MiB, which is the most after decompression too');
  });

  it('closes the connection of a body that never ends', async () => {
    await serve();
    const endless = begin('transfer-encoding: chunked');
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MIB, 'x'), Buffer.from('\r\n')]);
    const pour = () => {
      while (!endless.destroyed && endless.write(chunk)) {}
    };
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    endless
      .on('drain', pour)
      .on('error', () => {})
      .on('close', resolve);
    pour();
    await closed;
    expect(endless.bytesWritten).toBeGreaterThan(2 * MIB);
  });

  it('gives up on a body that does not come', async () => {
    await serve({ withinMs: 50 });
    expect(await statusOf(begin('content-length: 10', 'abc'))).toBe(408);
  });

  it('refuses bodies beyond the memory for all that arrive at a time, and has room again when these are gone', async () => {
    await serve({ arrivingBytes: MIB });
    const slow = begin(`content-length: ${MIB}`, Buffer.alloc(MIB - 1));
    // The second is refused as soon as all of the first has arrived: not known when, so it asks until then.
    const ask = () => statusOf(begin('content-length: 2\r\nconnection: close', 'ab'));
    let status = await ask();
    while (status === 200) status = await ask();
    expect(status).toBe(503);
    slow.write('x');
    const [answer] = (await once(slow, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 200 /);
    expect(await ask()).toBe(200);
  });

  it('forgets a body whose sender has left', async () => {
    await serve({ arrivingBytes: MIB });
    const lost = begin(`content-length: ${MIB}`, Buffer.alloc(MIB - 1));
    const ask = () => statusOf(begin('content-length: 2\r\nconnection: close', 'ab'));
    while ((await ask()) === 200) {}
    lost.destroy();
    while ((await ask()) === 503) {}
    expect(await ask()).toBe(200);
  });
});
