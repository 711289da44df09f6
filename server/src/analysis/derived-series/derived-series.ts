import { PeriodicTask } from '../../lib/periodic-task.ts';
import { SampleBuffer } from '../../lib/sample-buffer.ts';
import type { Clock } from '../../model/clock.ts';
import type { Labels } from '../../model/labels.ts';
import type { Logger } from '../../model/logger.ts';
import type { SampleSink, SeriesSamples } from '../../model/metric.ts';
import { staleMarkerColumn } from '../../model/stale-marker.ts';
import type { PromqlEngine } from '../../query/promql/index.ts';
import type { RedStore } from '../../stores/telemetry/index.ts';
import {
  type ContainerFigures,
  type DerivedFigure,
  type DerivedName,
  derivedFigures,
  type HostFigures,
} from './derived-figures.ts';
import { readProcessFigures } from './process-figures.ts';
import { keyText, type ServiceKey } from './service-key.ts';

export interface DerivedSeriesOptions {
  readonly red: RedStore;
  readonly promql: PromqlEngine;
  /** The newest reading of all containers; empty without an engine. */
  readonly containers: () => readonly ContainerFigures[];
  /** This machine; `undefined` before its first reading. */
  readonly host: () => HostFigures | undefined;
  readonly sink: SampleSink;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds between evaluations. Default 10 s. */
  readonly intervalMs?: number;
  /** How far behind now is evaluated, so that late batches are in. Default 15 s. */
  readonly delayMs?: number;
}

/** Requests of this long count for rates and quantiles. */
const WINDOW_MS = 60_000;
/** A service is remembered so long after its last request or report. */
const MEMORY_MS = 3_600_000;

const DESCRIPTIONS: Readonly<Record<DerivedName, readonly [unit: string, help: string]>> = {
  cpu_usage_percent: ['percent', 'Processor use in percent of one core, by the busiest instance.'],
  memory_usage_bytes: ['bytes', 'Memory in use, by the largest instance.'],
  memory_usage_percent: ['percent', 'Memory in use as a share of the limit of its container, else of its host.'],
  requests_per_second: ['', 'Requests a second in the last minute.'],
  error_percent: ['percent', 'Share of the requests of the last minute that failed.'],
  latency_p50_ms: ['milliseconds', 'Half of the requests of the last minute took at most this.'],
  latency_p95_ms: ['milliseconds', '95 % of the requests of the last minute took at most this.'],
  latency_p99_ms: ['milliseconds', '99 % of the requests of the last minute took at most this.'],
  up: ['', '1 while the service runs, else 0.'],
  restarts_total: ['', 'Restarts of the containers of the service.'],
};

/**
 * Writes `service_*` series of every service, made of its requests, its processes' metrics and its containers, so that
 * rules, dashboards and PromQL can use them like any other metric. A series whose figure is no longer known ends.
 */
export class DerivedSeries {
  readonly #options: DerivedSeriesOptions;
  readonly #buffer: SampleBuffer;
  readonly #task: PeriodicTask;
  readonly #traced = new Memory();
  readonly #reporting = new Memory();
  #written = new Map<string, SeriesSamples>();
  #knowsPast = false;
  #failing = false;

  constructor(options: DerivedSeriesOptions) {
    this.#options = options;
    this.#buffer = new SampleBuffer({ sink: options.sink, logger: options.logger, source: 'derived series' });
    this.#task = new PeriodicTask(options.clock, options.intervalMs ?? 10_000, () => this.#run());
  }

  start(): void {
    this.#task.start();
  }

  async stop(): Promise<void> {
    await this.#task.stop();
  }

  async #run(): Promise<void> {
    const { clock, delayMs = 15_000, logger } = this.#options;
    const at = clock.now() - delayMs;
    try {
      const figures = await this.#evaluate(at);
      await this.#buffer.write(this.#toSeries(figures, at));
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) logger.warn({ error: String(error) }, 'derived series cannot be evaluated');
      this.#failing = true;
    }
  }

  async #evaluate(at: number): Promise<DerivedFigure[]> {
    const { red, promql, containers, host } = this.#options;
    const range = { start: at - WINDOW_MS, end: at };
    const [requests, process] = await Promise.all([
      red.serviceEnvironments(range, { pool: 'alerting' }),
      readProcessFigures(promql, at),
      this.#learnPast(at),
    ]);
    this.#traced.see(requests, at);
    this.#reporting.see([...process.cpu, ...process.memory], at);
    return derivedFigures({
      red: requests,
      traced: this.#traced.since(at - MEMORY_MS),
      process,
      reporting: this.#reporting.since(at - MEMORY_MS),
      containers: containers(),
      host: host(),
      windowSeconds: WINDOW_MS / 1000,
    });
  }

  /** After a start: which services had requests before. */
  async #learnPast(at: number): Promise<void> {
    if (this.#knowsPast) return;
    const past = { start: at - MEMORY_MS, end: at };
    for (const entry of await this.#options.red.serviceEnvironments(past, { pool: 'alerting' })) {
      this.#traced.see([entry], entry.lastSeen);
    }
    this.#knowsPast = true;
  }

  #toSeries(figures: readonly DerivedFigure[], at: number): SeriesSamples[] {
    const series = figures.map((figure) => seriesOf(figure, at));
    const now = new Map(
      series.map((item, index) => [`${figures[index]!.name}\u0000${keyText(figures[index]!)}`, item]),
    );
    const ended = [...this.#written].filter(([key]) => !now.has(key)).map(([, item]) => item);
    this.#written = now;
    return [...series, ...ended.map((item) => ({ ...item, timestamps: [at], values: staleMarkerColumn() }))];
  }
}

function seriesOf({ name, service, environment, value }: DerivedFigure, at: number): SeriesSamples {
  const [unit, help] = DESCRIPTIONS[name];
  const labels: Labels = environment === '' ? { service } : { service, environment };
  const type = name === 'restarts_total' ? 'counter' : 'gauge';
  return { name: `service_${name}`, labels, type, unit, help, timestamps: [at], values: [value] };
}

/** When each service was last seen. */
class Memory {
  readonly #seen = new Map<string, { readonly key: ServiceKey; readonly at: number }>();

  see(keys: readonly ServiceKey[], at: number): void {
    for (const { service, environment } of keys) {
      const text = keyText({ service, environment });
      if ((this.#seen.get(text)?.at ?? 0) < at) this.#seen.set(text, { key: { service, environment }, at });
    }
  }

  /** Those seen since then; the others are forgotten. */
  since(then: number): ServiceKey[] {
    for (const [text, { at }] of this.#seen) if (at < then) this.#seen.delete(text);
    return [...this.#seen.values()].map(({ key }) => key);
  }
}
