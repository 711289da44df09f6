import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as otherWork } from 'node:timers/promises';
import { createHttpServer, type Principal, type Route } from '../../http/index.ts';
import type { Logger } from '../../model/logger.ts';

const SELF: Principal = { name: 'warm-up', scopes: new Set(['read', 'ingest'] as const) };

/** Sends a request (a POST where it has a body of JSON) after other work had its turn; resolves when it was answered. */
export type Ask = (path: string, body?: string) => Promise<void>;

/**
 * Serves some routes for `work` alone. Requests go over loopback, since the code of real ones is what must be warm, to
 * a server of its own, which knows one random token: hence they count in no statistics.
 */
export async function withLoopbackServer(
  routes: readonly Route[],
  logger: Logger,
  work: (ask: Ask) => Promise<void>,
): Promise<void> {
  const token = randomBytes(32).toString('base64url');
  const app = await createHttpServer({
    routes,
    guards: {
      authenticator: { open: false, authenticate: async (given) => (given === token ? SELF : undefined) },
      allowedOrigins: [],
      allowedHosts: undefined,
    },
    logger,
    trustProxy: false,
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    await work(async (path, body) => {
      await otherWork();
      const headers = { authorization: `Bearer ${token}`, ...(body !== undefined && JSON_HEADERS) };
      const method = body === undefined ? 'GET' : 'POST';
      const sent = request({ agent, host: '127.0.0.1', port, method, path, headers }).end(body);
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      answer.resume();
      await once(answer, 'end');
    });
  } finally {
    agent.destroy();
    await app.close();
  }
}

const JSON_HEADERS = { 'content-type': 'application/json' };
