import type { Clock } from '../model/clock.ts';
import type { CallStore } from '../stores/telemetry/index.ts';

/** Calls of this time tell who depends on whom. */
const LOOKED_AT_MS = 900_000;

/** Who calls whom, for incidents: services, and what else they use. */
export function dependencySource(calls: CallStore, clock: Clock) {
  return async (signal: AbortSignal) => {
    const now = clock.now();
    const graph = await calls.calls({ start: now - LOOKED_AT_MS, end: now }, { pool: 'alerting', signal });
    return graph.calls
      .filter(({ source }) => source.kind !== 'user')
      .map(({ source, target }) => ({ source: source.name, target: target.name }));
  };
}
