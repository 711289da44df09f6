import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect as connectTcp } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { eventually } from '../../../../tests/support/eventually.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { InboxSockets } from './inbox-sockets.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Items of all users in memory; the store's part is tested with the store. */
class Items {
  readonly byUser = new Map<string, string[]>();

  add(userId: string, ...texts: string[]): void {
    this.byUser.set(userId, [...(this.byUser.get(userId) ?? []), ...texts]);
  }

  async after(userId: string, seq: number, limit: number) {
    const items = this.byUser.get(userId) ?? [];
    return items.slice(seq, seq + limit).map((item, index) => ({ seq: seq + index + 1, item }));
  }

  async newest(userIds: readonly string[]) {
    return new Map(userIds.map((userId) => [userId, this.byUser.get(userId)?.length ?? 0]));
  }

  async counts() {
    return new Map();
  }

  async act() {}
}

describe('InboxSockets', () => {
  let items: Items;
  let clock: VirtualClock;
  let inboxes: InboxSockets<string>;
  let server: WebSocketServer;
  const clients: WebSocket[] = [];

  beforeEach(async () => {
    items = new Items();
    clock = new VirtualClock();
    inboxes = new InboxSockets(items, clock, silent);
    server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    server.on('connection', (socket, request) => {
      const [, userId, after] = request.url!.split('/');
      void inboxes.accept(userId!, socket, after === undefined ? undefined : Number(after), (item) => item);
    });
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.terminate();
    inboxes.close();
    for (const socket of server.clients) socket.terminate();
    await new Promise((resolve) => server.close(resolve));
  });

  const port = () => (server.address() as AddressInfo).port;

  async function connect(path: string, options = {}) {
    const client = new WebSocket(`ws://127.0.0.1:${port()}/${path}`, options);
    clients.push(client);
    const frames: string[] = [];
    client.on('message', (data) => frames.push(String(data)));
    await once(client, 'open');
    await eventually(() => expect(inboxes.count).toBeGreaterThan(0), 5000, 5);
    return { client, frames };
  }

  it('replays the newest 500 at most', async () => {
    items.add('ann', ...Array.from({ length: 700 }, (_, index) => String(index + 1)));
    const { frames } = await connect('ann/0');
    await eventually(() => expect(frames).toHaveLength(500));
    expect([frames[0], frames.at(-1)]).toEqual(['201', '700']);
  });

  it('finds by itself what others have written', async () => {
    const { frames } = await connect('ann');
    await inboxes.sweep();
    items.add('ann', 'from another process');
    await inboxes.sweep();
    await eventually(() => expect(frames).toEqual(['from another process']));
  });

  it('cuts a client that does not read, and nobody else', async () => {
    const healthy = await connect('ann');
    // Speaks the protocol as far as the upgrade, then never reads again.
    const stuck = connectTcp(port(), '127.0.0.1');
    stuck.on('error', () => {});
    stuck.write(
      'GET /ann HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await once(stuck, 'data');
    stuck.pause();
    await eventually(() => expect(inboxes.count).toBe(2));
    items.add('ann', ...Array.from({ length: 400 }, () => 'x'.repeat(60_000)));
    // Nobody waits for it: neither this, nor the sweep, nor the other client.
    await inboxes.wake(['ann']);
    await inboxes.sweep();
    await eventually(() => expect(healthy.frames).toHaveLength(400));
    items.add('ann', 'after it');
    await inboxes.wake(['ann']);
    await eventually(() => expect(healthy.frames).toHaveLength(401));
    expect(inboxes.count).toBe(2);
    await eventually(async () => {
      await clock.advance(1000);
      expect(inboxes.count).toBe(1);
    });
    stuck.destroy();
  });

  it('drops a client that does not answer pings, and keeps one that does', async () => {
    await connect('ann');
    const mute = await connect('bob', { autoPong: false });
    await eventually(() => expect(inboxes.count).toBe(2));
    const closed = once(mute.client, 'close');
    for (let pings = 0; pings < 4; pings++) {
      const ponged = [...server.clients].map((socket) => Promise.race([once(socket, 'pong'), once(socket, 'close')]));
      await clock.advance(25_000);
      await Promise.race(ponged);
    }
    await closed;
    expect(inboxes.count).toBe(1);
  });

  it('forgets clients that leave', async () => {
    const { client } = await connect('ann');
    client.close();
    await eventually(() => expect(inboxes.count).toBe(0));
  });
});
