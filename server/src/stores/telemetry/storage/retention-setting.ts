import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '../../../model/logger.ts';
import { keptMs, type Retention, type Signal } from '../clickhouse/schema/retention.ts';

/** Milliseconds by signal; `null` goes back to what is configured. */
export type RetentionChange = Readonly<Partial<Record<Signal, number | null>>>;

export interface RetentionSettingOptions {
  readonly dataDir: string;
  readonly configured: Retention;
  readonly logger: Logger;
}

const FILE = 'retention.json';

const SIGNALS: readonly string[] = ['logs', 'traces', 'metrics', 'rollups'] satisfies Signal[];

/**
 * How long signals are kept: as configured, until somebody sets it at run time. What was set lies in `retention.json` of
 * the data directory and wins over the configuration from then on, over restarts, until it is set back.
 */
export class RetentionSetting {
  readonly #path: string;
  readonly #configured: Retention;
  #set: Readonly<Partial<Record<Signal, number>>>;

  constructor({ dataDir, configured, logger }: RetentionSettingOptions) {
    this.#path = join(dataDir, FILE);
    this.#configured = configured;
    this.#set = read(this.#path);
    if (Object.keys(this.#set).length > 0) {
      logger.info({ retention: this.#set }, 'retention as set at run time, not as configured');
    }
  }

  get current(): Retention {
    const { logsMs, tracesMs, metricsMs, rollupsMs } = this.#configured;
    const { logs = logsMs, traces = tracesMs, metrics = metricsMs, rollups = rollupsMs } = this.#set;
    const kept = { logsMs: logs, tracesMs: traces, metricsMs: metrics };
    return rollups === undefined ? kept : { ...kept, rollupsMs: rollups };
  }

  of(signal: Signal): { readonly milliseconds: number; readonly isConfigured: boolean } {
    return { milliseconds: keptMs(this.current, signal), isConfigured: this.#set[signal] === undefined };
  }

  /** Kept when it returns. */
  change(change: RetentionChange): void {
    const merged = { ...this.#set, ...change };
    const entries = Object.entries(merged).filter((entry): entry is [Signal, number] => typeof entry[1] === 'number');
    this.#set = Object.fromEntries(entries);
    if (entries.length === 0) {
      rmSync(this.#path, { force: true });
      return;
    }
    // Renamed into place: a crash leaves the whole file or the one before.
    writeFileSync(`${this.#path}.new`, `${JSON.stringify(this.#set)}\n`, { flush: true });
    renameSync(`${this.#path}.new`, this.#path);
  }
}

function read(path: string): Partial<Record<Signal, number>> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  const content = parse(text);
  const isRight =
    content !== undefined &&
    Object.entries(content).every(([signal, value]) => SIGNALS.includes(signal) && typeof value === 'number');
  if (!isRight) throw new Error(`${path} is damaged: delete it, and set the retention again`);
  return content as Partial<Record<Signal, number>>;
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
