import { randomUUID } from 'node:crypto';
import { addAbortSignal, Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClickHouseClient } from '@clickhouse/client';
import { POOLS, type PoolName, poolSettings } from './pool-settings.ts';
import { RequestPool } from './request-pool.ts';
import { ConnectionError, toTransportError } from './server-errors.ts';

/** Where a ClickHouse server is, and who we are there. */
export interface ServerAddress {
  /** `http://host:8123` or `https://host:8443`, nothing else in it. */
  readonly origin: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Authorities that its certificate may come from, PEM; the system's where left out. */
  readonly certificateAuthority?: Buffer;
  /** Of `ON CLUSTER` and of `Distributed` tables; left out for a single server. */
  readonly cluster?: string;
}

export interface ServerClientOptions {
  readonly name: PoolName;
  readonly address: ServerAddress;
  /** A query is ended after so many. */
  readonly seconds: number;
  /** Ends a query on the server whose caller has gone, and resolves when the server has let go of it. */
  readonly end: (queryId: string) => Promise<void>;
}

export interface ServerRequest {
  /** The format where the SQL names none. */
  readonly format: string;
  /** What follows the SQL in an insert. */
  readonly data?: Uint8Array;
  readonly settings?: Readonly<Record<string, string>>;
  /** Outside of any database: it may be missing still. */
  readonly withoutDatabase?: boolean;
  readonly signal?: AbortSignal;
}

const MIB = 1024 * 1024;

/** Requests that run at a time. More than the embedded engine has: a server has processors of its own. */
const SIZES: Readonly<Record<PoolName, number>> = { ingest: 4, alerting: 2, interactive: 8, user: 2, control: 2 };

/** Waits before a request is sent again whose connection broke, milliseconds. */
const RETRIES = [50, 300];
/** Longer than the server's own limit. */
const GRACE_MS = 5000;
/** Below the 10 s (3 s of old) after which servers close an idle connection. */
const IDLE_MS = 2500;

/** Over a cluster the tables that SQL names are `Distributed` ones. */
const CLUSTER_SETTINGS = {
  // An insert has reached the shards when it is answered.
  distributed_foreground_insert: 1,
  // Subqueries and joins see all shards.
  distributed_product_mode: 'global',
  distributed_ddl_task_timeout: 180,
};

const POOL_SETTINGS: Readonly<Partial<Record<PoolName, Readonly<Record<string, number | string>>>>> = {
  ingest: { insert_deduplicate: 1, deduplicate_blocks_in_dependent_materialized_views: 1 },
  user: { readonly: 1, max_memory_usage: 1024 * MIB },
};

/** One pool of requests to a ClickHouse server, over connections of its own: no pool waits behind another. */
export class ServerClient {
  readonly #pool: RequestPool;
  readonly #client: ClickHouseClient;
  readonly #address: ServerAddress;
  readonly #settings: Readonly<Record<string, number | string>>;

  readonly #end: (queryId: string) => Promise<void>;

  private constructor(client: ClickHouseClient, options: ServerClientOptions) {
    const { name, address, seconds } = options;
    this.#end = options.end;
    this.#pool = new RequestPool({ name, size: SIZES[name], maxWaiting: POOLS[name].maxWaiting });
    this.#client = client;
    this.#address = address;
    this.#settings = {
      ...poolSettings(name, seconds),
      // An answer comes whole or is an error.
      wait_end_of_query: 1,
      http_write_exception_in_output_format: 0,
      cancel_http_readonly_queries_on_client_close: 1,
      ...(address.cluster !== undefined && CLUSTER_SETTINGS),
      ...POOL_SETTINGS[name],
    };
  }

  static async open(options: ServerClientOptions): Promise<ServerClient> {
    const { name, address, seconds } = options;
    // Only a service that has such a server loads the client.
    const { ClickHouseLogLevel, createClient } = await import('@clickhouse/client');
    const client = createClient({
      url: address.origin,
      username: address.user,
      password: address.password,
      application: 'system-service',
      max_open_connections: SIZES[name],
      request_timeout: seconds * 1000 + GRACE_MS,
      keep_alive: { enabled: true, idle_socket_ttl: IDLE_MS, eagerly_destroy_stale_sockets: true },
      // It would log the SQL with what users look for.
      log: { level: ClickHouseLogLevel.OFF },
      ...(address.certificateAuthority && { tls: { ca_cert: address.certificateAuthority } }),
    });
    return new ServerClient(client, options);
  }

  /**
   * The bytes of the answer. Throws `ServerError` and `ConnectionError`.
   *
   * `again`: the request may be sent a second time when its connection broke, because it reads only or carries a
   * deduplication token.
   */
  send(sql: string, request: ServerRequest, again: boolean): Promise<Buffer> {
    return this.#pool.run(async (signal) => {
      for (let attempt = 0; ; attempt++) {
        try {
          return await this.#sendOnce(sql, request, signal);
        } catch (error) {
          const pause = RETRIES[attempt];
          const isWorthIt = again && error instanceof ConnectionError && error.isPassing && !signal.aborted;
          if (pause === undefined || !isWorthIt) throw error;
          await delay(pause, undefined, { signal });
        }
      }
    }, request.signal);
  }

  async #sendOnce(sql: string, { format, data, settings, withoutDatabase }: ServerRequest, signal: AbortSignal) {
    const id = randomUUID();
    try {
      const { stream } = await this.#client.exec({
        query: sql,
        ...(data && { values: Readable.from([data]) }),
        query_id: id,
        abort_signal: signal,
        http_headers: { 'X-ClickHouse-Format': format },
        clickhouse_settings: {
          ...this.#settings,
          ...(!withoutDatabase && { database: this.#address.database }),
          ...settings,
        },
      });
      return await collect(stream, signal);
    } catch (error) {
      const problem = toTransportError(error);
      if (signal.aborted || (problem instanceof ConnectionError && problem.isTimeout)) await this.#end(id);
      throw problem;
    }
  }

  /** Refuses what waits, ends what runs. */
  async close(): Promise<void> {
    await this.#pool.close();
    await this.#client.close();
  }

  get stats(): RequestPool['stats'] {
    return this.#pool.stats;
  }
}

async function collect(stream: Readable, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of addAbortSignal(signal, stream)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
