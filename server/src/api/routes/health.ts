import { type Route, route } from '../../http/index.ts';
import type { Clock } from '../../model/clock.ts';
import { type CheckedPart, type Health, health, probe } from '../contract/health.ts';

/** What a part says of itself; a rejected check means `down`. */
interface PartReport {
  readonly status: 'ok' | 'degraded' | 'down';
  readonly detail?: string;
}

export interface HealthDependencies {
  readonly version: string;
  readonly clock: Clock;
  readonly checks: Readonly<Record<CheckedPart, () => Promise<PartReport>>>;
  readonly phase: () => 'ok' | 'starting' | 'stopping';
}

/** A check that has not answered by then is down. */
const PATIENCE_MS = 5000;
/** The service cannot do its work without these. */
const VITAL: readonly CheckedPart[] = ['telemetry_store', 'control_store', 'ingest'];

export function healthRoutes(dependencies: HealthDependencies): Route[] {
  const startedAt = dependencies.clock.now();
  return [
    route({
      method: 'GET',
      path: '/health',
      tag: 'health',
      summary: 'State of the service and its parts; 503 when it cannot do its work',
      scope: 'public',
      success: { status: 200, schema: health },
      handle: async ({ reply }): Promise<Health> => {
        const report = await checkAll(dependencies, startedAt);
        if (report.status === 'down') reply.code(503);
        return report;
      },
    }),
    route({
      method: 'GET',
      path: '/health/live',
      tag: 'health',
      summary: 'For orchestrators: the process answers',
      scope: 'public',
      success: { status: 200, schema: probe },
      handle: () => ({ status: 'ok' }),
    }),
    route({
      method: 'GET',
      path: '/health/ready',
      tag: 'health',
      summary: 'For orchestrators: stores open, listeners up, first host readings taken; 503 before and while stopping',
      scope: 'public',
      success: { status: 200, schema: probe },
      handle: ({ reply }) => {
        const phase = dependencies.phase();
        if (phase !== 'ok') reply.code(503);
        return { status: phase };
      },
    }),
  ];
}

async function checkAll(dependencies: HealthDependencies, startedAt: number): Promise<Health> {
  const entries = await Promise.all(
    (Object.entries(dependencies.checks) as [CheckedPart, () => Promise<PartReport>][]).map(
      async ([part, check]) => [part, await checkPart(check, dependencies.clock)] as const,
    ),
  );
  const isDown = entries.some(([part, { status }]) => status === 'down' && VITAL.includes(part));
  const isDegraded = entries.some(([, { status }]) => status !== 'ok');
  return {
    status: isDown ? 'down' : isDegraded ? 'degraded' : 'ok',
    version: dependencies.version,
    uptime_seconds: (dependencies.clock.now() - startedAt) / 1000,
    checks: Object.fromEntries(entries) as Health['checks'],
  };
}

async function checkPart(check: () => Promise<PartReport>, clock: Clock) {
  const began = performance.now();
  const latency = () => Math.round((performance.now() - began) * 100) / 100;
  const { promise: silence, reject } = Promise.withResolvers<never>();
  const timer = clock.setTimer(PATIENCE_MS, () => reject(new Error(`no answer within ${PATIENCE_MS / 1000} s`)));
  try {
    return { ...(await Promise.race([check(), silence])), latency_ms: latency() };
  } catch (error) {
    return { status: 'down' as const, detail: (error as Error).message, latency_ms: latency() };
  } finally {
    timer.cancel();
  }
}
