import { type Route, route } from '../../../http/index.ts';
import type { DriftItem } from '../../contract/provisioning.ts';

/** Reads the configuration again, at the address that Prometheus has for it. */
export function reloadRoutes(reload: () => Promise<readonly DriftItem[]>): Route[] {
  return (['POST', 'PUT'] as const).map((method) =>
    route({
      method,
      path: '/-/reload',
      tag: 'prometheus',
      summary: 'Read the configuration file again',
      description:
        'As SIGHUP does. The answer names what has changed, a line each. A file with mistakes changes nothing: 500 with what is wrong.',
      scope: 'admin',
      lenient: true,
      consumes: ['application/x-www-form-urlencoded', 'text/plain', 'application/octet-stream'],
      success: { status: 200, contentType: 'text/plain' },
      async handle({ reply }) {
        reply.type('text/plain; charset=utf-8');
        try {
          return (await reload()).map(line).join('');
        } catch (error) {
          reply.code(500);
          return `failed to reload config: ${(error as Error).message}\n`;
        }
      },
    }),
  );
}

const WORDS: Readonly<Record<DriftItem['state'], string>> = {
  new_in_file: 'new',
  changed_in_file: 'changed',
  removed_in_file: 'removed',
  paused_here: 'paused',
};

function line({ kind, name, state, takes_effect }: DriftItem): string {
  const waits = takes_effect === 'restart' ? ', at the next start' : '';
  return `${kind} ${name}: ${WORDS[state]}${waits}\n`;
}
