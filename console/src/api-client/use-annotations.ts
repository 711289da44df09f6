import type { TimeRange } from '../time/time-range.ts';
import type { Annotation, Page } from './types.ts';
import { useLiveQuery } from './use-live-query.ts';

const WRITTEN = ['deploy', 'event', 'note'];
const MOST = 200;
const NONE: readonly Annotation[] = [];

/**
 * What happened in the range besides the figures: of one service, with its alerts and with what is about no service in
 * particular; without one everything but the alerts. Charts do without them where they cannot be had.
 */
export function useAnnotations(range: TimeRange, service?: string): readonly Annotation[] {
  const about = service === undefined ? { kind: WRITTEN } : { service, global: true };
  const { data } = useLiveQuery<Page<Annotation>>('api/annotations', { ...about, limit: MOST }, { range });
  return data?.items ?? NONE;
}
