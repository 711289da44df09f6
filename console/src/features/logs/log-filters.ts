import type { Parameters } from '../../api-client/http.ts';

/** What the address of the logs page says. */
export interface LogFilters {
  q?: string | undefined;
  service?: string | undefined;
  level?: string | undefined;
  trace_id?: string | undefined;
}

export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

export function logParameters({ q, service, level, trace_id }: LogFilters): Parameters {
  return { q, service, level, trace_id };
}

/** The listing has a path of its own for searching. */
export function logPath(filters: LogFilters): string {
  return filters.q ? 'api/logs/search' : 'api/logs';
}

/** Adds `field:value` to a search text. */
export function withField(q: string | undefined, field: string, value: string): string {
  const term = `${field}:${/^[\w.-]+$/.test(value) ? value : `"${value.replace(/(["\\])/g, '\\$1')}"`}`;
  if (!q) return term;
  return q.includes(term) ? q : `${q} ${term}`;
}
