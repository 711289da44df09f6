import { type Route, route } from '../../../http/index.ts';

/** Reads the configuration again, at the address that Prometheus has for it. */
export function reloadRoutes(reload: () => Promise<void>): Route[] {
  return (['POST', 'PUT'] as const).map((method) =>
    route({
      method,
      path: '/-/reload',
      tag: 'prometheus',
      summary: 'Read the configuration file again',
      description: 'As SIGHUP does. A file with mistakes changes nothing: 500 with what is wrong.',
      scope: 'admin',
      lenient: true,
      consumes: ['application/x-www-form-urlencoded', 'text/plain', 'application/octet-stream'],
      success: { status: 200, contentType: 'text/plain' },
      async handle({ reply }) {
        reply.type('text/plain; charset=utf-8');
        try {
          await reload();
          return '';
        } catch (error) {
          reply.code(500);
          return `failed to reload config: ${(error as Error).message}\n`;
        }
      },
    }),
  );
}
