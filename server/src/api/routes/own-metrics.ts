import { type Route, route } from '../../http/index.ts';
import { EXPOSITION_CONTENT_TYPES, type MetricFamily, renderExposition } from '../../lib/exposition.ts';

/** `GET /metrics`: the service's own metrics. */
export function ownMetricsRoutes(collect: () => Promise<MetricFamily[]>): Route[] {
  return [
    route({
      method: 'GET',
      path: '/metrics',
      tag: 'health',
      summary: "The service's own metrics, as Prometheus text or OpenMetrics by content negotiation",
      scope: 'read',
      lenient: true,
      success: { status: 200, contentType: 'text/plain' },
      handle: async ({ request, reply }) => {
        const format = request.headers.accept?.includes('application/openmetrics-text') ? 'openmetrics' : 'text';
        reply.type(EXPOSITION_CONTENT_TYPES[format]);
        return renderExposition(await collect(), format);
      },
    }),
  ];
}
