import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { MetricFamily } from '../lib/exposition.ts';

/** A number that a part of the service keeps, read when somebody asks for the metrics. */
export interface OwnMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly read: () => Values | Promise<Values>;
}

type Values = readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];

/** Gauges that are named like counters; they are the sums of `nodejs_active_resources` and the like. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** The metrics of the process itself, of its HTTP server, and what the parts add. */
export class OwnMetrics {
  readonly #registry = new Registry();
  readonly #added: OwnMetric[] = [];
  readonly #requests = new Counter({
    name: 'system_service_http_requests_total',
    help: 'Finished HTTP requests',
    labelNames: ['method', 'route', 'status'],
    registers: [this.#registry],
  });
  readonly #seconds = new Histogram({
    name: 'system_service_http_request_duration_seconds',
    help: 'Time from the head of a request to the end of its answer',
    labelNames: ['method', 'route'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [this.#registry],
  });

  constructor(version: string) {
    collectDefaultMetrics({ register: this.#registry });
    for (const name of MISNAMED) this.#registry.removeSingleMetric(name);
    this.add({
      name: 'system_service_build_info',
      help: 'Always 1; the labels say what runs',
      type: 'gauge',
      read: () => [{ labels: { version, node: process.version }, value: 1 }],
    });
  }

  add(metric: OwnMetric): void {
    this.#added.push(metric);
  }

  observeRequest({
    method,
    route,
    status,
    seconds,
  }: {
    method: string;
    route: string;
    status: number;
    seconds: number;
  }): void {
    this.#requests.inc({ method, route, status });
    this.#seconds.observe({ method, route }, seconds);
  }

  async collect(): Promise<MetricFamily[]> {
    const families = (await this.#registry.getMetricsAsJSON()).map(
      (metric): MetricFamily => ({
        name: metric.name,
        help: metric.help,
        // prom-client's JSON says the type as text; its typings name a number.
        type: metric.type as unknown as MetricFamily['type'],
        samples: metric.values.map((value) => ({
          labels: value.labels as Record<string, string>,
          value: value.value,
          ...('metricName' in value && typeof value.metricName === 'string' && { name: value.metricName }),
        })),
      }),
    );
    const added = await Promise.all(
      this.#added.map(
        async ({ name, help, type, read }): Promise<MetricFamily> => ({ name, help, type, samples: await read() }),
      ),
    );
    return [...families, ...added];
  }
}
