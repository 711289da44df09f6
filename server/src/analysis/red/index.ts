export {
  type KnownService,
  type PerformanceDetail,
  type PerformanceSummary,
  ServicePerformance,
} from './service-performance.ts';
export { APDEX_TARGET_MS, type ServiceStatus, statusOf } from './service-status.ts';
