import type { Clock } from '../model/clock.ts';
import type { CallStore, VersionStore } from '../stores/telemetry/index.ts';

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

/** Spans of this time tell which versions run; it is asked for each minute. */
const VERSIONS_MS = 150_000;

/** Which versions of services run, for deploys that nobody tells of. */
export function versionSource(versions: VersionStore, clock: Clock) {
  return (signal: AbortSignal) => {
    const now = clock.now();
    return versions.versions({ start: now - VERSIONS_MS, end: now }, { pool: 'alerting', signal });
  };
}
