import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Beside the compiled code in the published package; where its build leaves it in the source tree. */
const PLACES = ['../console', '../../../console/dist'].map((place) => fileURLToPath(new URL(place, import.meta.url)));
const NOT_BUILT = 'the console is not built; run: npm run build --workspace console\n';

/** Answers a browser that asks for a page which no route has; `undefined` leaves it to the 404. */
export type PageAnswer = (request: FastifyRequest, reply: FastifyReply) => FastifyReply | undefined;

/**
 * The built console: one HTML file for all its pages, whose addresses only the browser knows. `undefined` for
 * everything that is not a browser's navigation, so that API clients get their 404.
 */
export function consolePages(basePath: string): PageAnswer {
  const directory = findConsole();
  if (directory === undefined) {
    return (request, reply) => (isNavigation(request) ? reply.code(503).type('text/plain').send(NOT_BUILT) : undefined);
  }
  const base = basePath === '/' ? '/' : `${basePath}/`;
  const html = readFileSync(`${directory}/index.html`, 'utf8').replace('<head>', `<head><base href="${base}">`);
  const headers = {
    'cache-control': 'no-cache',
    'content-security-policy': contentSecurityPolicy(html),
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  };
  return (request, reply) =>
    isNavigation(request) ? reply.code(200).headers(headers).type('text/html; charset=utf-8').send(html) : undefined;
}

function findConsole(): string | undefined {
  return PLACES.find((place) => existsSync(`${place}/index.html`));
}

function isNavigation(request: FastifyRequest): boolean {
  return request.method === 'GET' && (request.headers.accept ?? '').includes('text/html');
}

/** Scripts run from our own files only; inline ones of the page itself are named by their hash. */
function contentSecurityPolicy(html: string): string {
  const inline = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, script]) => `'sha256-${createHash('sha256').update(script!).digest('base64')}'`,
  );
  return [
    "default-src 'self'",
    `script-src ${["'self'", ...inline].join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "connect-src 'self' ws: wss:",
    "base-uri 'self'",
    "frame-ancestors 'self'",
  ].join('; ');
}

/** The console's files; those under `assets/` carry a hash in their names and never change. */
export async function serveConsoleFiles(app: FastifyInstance): Promise<void> {
  const directory = findConsole();
  if (directory === undefined) return;
  await app.register(fastifyStatic, {
    root: directory,
    index: false,
    wildcard: false,
    globIgnore: ['index.html'],
    setHeaders: (reply, path) => {
      const isHashed = path.includes('/assets/');
      reply.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}
