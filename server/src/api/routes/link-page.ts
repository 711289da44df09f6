import type { FastifyReply } from 'fastify';

/** Says that the answer is a page for one reader, to whom the address is a secret. */
export function asPage(reply: FastifyReply): void {
  reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').header('referrer-policy', 'no-referrer');
}

/** The page behind a link of a message. Nothing is loaded from elsewhere, and no script runs. */
export function linkPage(title: string, content: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"><title>${title}</title><style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem}button{font:inherit;padding:.5rem 1rem}</style></head><body><h1>Notifications</h1>${content}</body></html>`;
}
