/**
 * Live inboxes under load: many users with an open WebSocket each, notifications to one of them after the other, and
 * the time from the request until the frame is there. `npm run bench -- inbox [clients] [a second] [seconds]`
 */
import { setTimeout as pause } from 'node:timers/promises';
import { startService } from './measure/start-service.ts';
import { quantile } from './measure/statistics.ts';
import { markdownTable } from './measure/table.ts';

const clients = Number(process.argv[2] ?? 1000);
const perSecond = Number(process.argv[3] ?? 50);
const seconds = Number(process.argv[4] ?? 30);

const service = await startService();
const waiting = new Map<string, { readonly began: number; readonly done: (took: number) => void }>();
try {
  const sockets = await openSockets();
  // The first ones still compile.
  await send(perSecond * 3);
  const figures = await send(perSecond * seconds);
  const ms = (share: number) => `${quantile(figures, share).toFixed(1)} ms`;
  console.log(`## Live inboxes: ${clients} connected users, ${perSecond} notifications a second\n`);
  console.log(
    markdownTable(
      ['from the request until the frame', 'bar', 'measured'],
      [
        ['median', '', ms(0.5)],
        ['p99', '200 ms', ms(0.99)],
        ['slowest', '', `${Math.max(...figures).toFixed(1)} ms`],
        ['notifications', '', String(figures.length)],
      ],
    ),
  );
  for (const socket of sockets) socket.close();
} finally {
  await service.stop();
}

async function openSockets(): Promise<WebSocket[]> {
  const address = `${service.url.replace(/^http/, 'ws')}/api/notifications/ws/`;
  const sockets: WebSocket[] = [];
  for (let user = 0; user < clients; user++) {
    const socket = new WebSocket(`${address}user${user}`);
    socket.onmessage = (event) => arrived(JSON.parse(String(event.data)).subject);
    sockets.push(socket);
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
  }
  return sockets;
}

function arrived(subject: string): void {
  const entry = waiting.get(subject);
  waiting.delete(subject);
  entry?.done(performance.now() - entry.began);
}

/** At a steady rate, whatever the answers take; resolves with the milliseconds that each has taken. */
async function send(count: number): Promise<number[]> {
  const began = performance.now();
  const taken: Promise<number>[] = [];
  for (let index = 0; index < count; index++) {
    const due = began + (index * 1000) / perSecond;
    await pause(Math.max(0, due - performance.now()));
    const subject = `${began} ${index}`;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    waiting.set(subject, { began: performance.now(), done: resolve });
    taken.push(promise);
    const user_id = `user${(index * 7919) % clients}`;
    fetch(`${service.url}/api/notifications/notify`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user_id, subject, message: 'measured' }),
    }).then(async (answer) => {
      const text = await answer.text();
      if (answer.status !== 202) reject(new Error(`${answer.status}: ${text}`));
    }, reject);
  }
  return Promise.all(taken);
}
