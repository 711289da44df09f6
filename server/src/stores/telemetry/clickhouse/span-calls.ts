import type { Call, CallPeer } from '../call-store.ts';
import type { ClickHouse, QueryOptions } from '../click-house.ts';
import type { RedFigures } from '../red-store.ts';
import type { Flow, OutsideCall } from './fold-calls.ts';
import { rows } from './red-conditions.ts';
import { decodeSpanRow } from './red-figures.ts';
import { type CallSides, callsSql, type OutsideScope, outsideSql } from './span-calls-sql.ts';

/** Reads calls from a sample of the traces: every one, or one of so many. Counts are of all. */
export class SpanCalls {
  readonly #clickHouse: ClickHouse;
  readonly #options: QueryOptions;
  readonly every: number;

  /** `counted`: condition on spans of the range; with up to `mostSpans` of these every trace is read. */
  static async of(
    clickHouse: ClickHouse,
    options: QueryOptions,
    { counted, mostSpans }: { counted: string; mostSpans: number },
  ): Promise<SpanCalls> {
    const [total] = await clickHouse.query<{ spans: number }>(
      `SELECT count() AS spans FROM otel_traces WHERE ${counted} AND ${rows.inRange}`,
      options,
    );
    return new SpanCalls(clickHouse, options, Math.max(1, Math.ceil((total?.spans ?? 0) / mostSpans)));
  }

  private constructor(clickHouse: ClickHouse, options: QueryOptions, every: number) {
    this.#clickHouse = clickHouse;
    this.#options = options;
    this.every = every;
  }

  async between(sides: CallSides): Promise<Call[]> {
    const found = await this.#query<{ source: string; target: string }>(callsSql(sides));
    return found.map((row) => ({
      source: { kind: 'service', name: row.source },
      target: { kind: 'service', name: row.target },
      ...this.#figures(row),
    }));
  }

  async outside(scope: OutsideScope): Promise<OutsideCall[]> {
    const found = await this.#query<OutsideRow>(outsideSql(scope));
    return found.map((row) => ({
      service: row.is_total === 1 ? undefined : row.service,
      peer: { kind: row.kind, name: row.name },
      flow: row.flow,
      answeredBy: row.target,
      figures: this.#figures(row),
    }));
  }

  #query<Row>(sql: string): Promise<Row[]> {
    const parameters = { ...this.#options.parameters, every: this.every };
    return this.#clickHouse.query<Row>(sql, { ...this.#options, parameters });
  }

  #figures(row: object): RedFigures {
    const figures = decodeSpanRow(row);
    return { ...figures, requests: figures.requests * this.every, errors: figures.errors * this.every };
  }
}

interface OutsideRow {
  readonly service: string;
  readonly kind: CallPeer['kind'];
  readonly name: string;
  readonly flow: Flow;
  readonly target: string;
  readonly is_total: number;
}
