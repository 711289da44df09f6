import type { Clock } from '../model/clock.ts';
import type { CallStore } from '../stores/telemetry/index.ts';

/** Calls of this time tell who depends on whom. */
const LOOKED_AT_MS = 900_000;
/** Where there are more spans, the newest tell enough: it is asked for each minute, and dependencies are remembered. */
const MOST_SPANS = 50_000;

/** Who calls whom, for incidents: services, and what else they use. */
export function dependencySource(calls: CallStore, clock: Clock) {
  return async (signal: AbortSignal) => {
    const now = clock.now();
    const range = { start: now - LOOKED_AT_MS, end: now };
    const graph = await calls.calls(range, { pool: 'alerting', signal, newestSpans: MOST_SPANS });
    return graph.calls
      .filter(({ source }) => source.kind !== 'user')
      .map(({ source, target }) => ({ source: source.name, target: target.name }));
  };
}
