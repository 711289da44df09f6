export type ServiceStatus = 'healthy' | 'degraded' | 'unhealthy' | 'unknown';

/** Durations up to this satisfy; up to four times this they are tolerated. */
export const APDEX_TARGET_MS = 500;

/**
 * A first judgement without any history: from these shares of failed requests on, or below these Apdex scores (the
 * limits of "good" and "poor" in the Apdex scale), a service is degraded or unhealthy.
 */
const LIMITS = {
  unhealthy: { errorRatio: 0.05, apdex: 0.5 },
  degraded: { errorRatio: 0.01, apdex: 0.85 },
} as const;

/** `unknown` without requests: silence says nothing. */
export function statusOf(figures: { requests: number; errors: number; apdex: number } | undefined): ServiceStatus {
  if (!figures || figures.requests === 0) return 'unknown';
  const errorRatio = figures.errors / figures.requests;
  for (const status of ['unhealthy', 'degraded'] as const) {
    if (errorRatio >= LIMITS[status].errorRatio || figures.apdex < LIMITS[status].apdex) return status;
  }
  return 'healthy';
}
