import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError } from '../../../model/errors.ts';
import type { Logger } from '../../../model/logger.ts';
import type { ClickHouseEngine, QueryOptions, UserQueryAnswer } from '../click-house.ts';
import { bindParameters, quoteIdentifier, quoteString } from './bind-parameters.ts';
import { toInsertError, toServiceError, toUserError } from './engine-errors.ts';
import { type CompactAnswer, decodeObjects, toUserAnswer } from './json-rows.ts';
import { POOLS, type PoolName } from './pool-settings.ts';
import { prepareServer } from './prepare-server.ts';
import { type ServerAddress, ServerClient, type ServerRequest } from './server-client.ts';
import { checkUserSql } from './user-sql.ts';

export interface UrlOptions {
  readonly address: ServerAddress;
  readonly logger: Logger;
  /** So long a server that does not answer is waited for, milliseconds: it may be starting too. Default 30 s. */
  readonly waitMs?: number;
  /** Seconds that a query may run, by pool, where it is not the standard. */
  readonly seconds?: Partial<Readonly<Record<PoolName, number>>>;
}

const PING_MS = 5000;
const KILL_EVERY_MS = 250;
const KILL_FOR_MS = 10_000;

/** A ClickHouse server, or a cluster of them, over its HTTP interface. */
export class UrlClickHouse implements ClickHouseEngine {
  readonly #clients: Readonly<Record<PoolName, ServerClient>>;

  private constructor(clients: Readonly<Record<PoolName, ServerClient>>) {
    this.#clients = clients;
  }

  /**
   * Waits for the server, then makes its database where that is missing. Throws `ServiceError('unavailable')` where it
   * does not come, refuses the user, is too old, or lacks the cluster.
   */
  static async open({ address, logger, waitMs = 30_000, seconds }: UrlOptions): Promise<UrlClickHouse> {
    const client = (name: PoolName, end: (id: string) => Promise<void>) =>
      ServerClient.open({ name, address, seconds: seconds?.[name] ?? POOLS[name].seconds, end });
    // Its queries are short: the server ends them soon enough.
    const control = await client('control', async () => undefined);
    const end = (id: string) => endQuery(control, id, address.cluster);
    const clients = {
      control,
      ingest: await client('ingest', end),
      alerting: await client('alerting', end),
      interactive: await client('interactive', end),
      user: await client('user', end),
    };
    const engine = new UrlClickHouse(clients);
    try {
      await prepareServer(control, address, logger, waitMs);
      return engine;
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  async query<Row>(sql: string, options?: QueryOptions): Promise<Row[]> {
    const answer = await this.#read(sql, 'JSONCompact', options);
    return await decodeObjects<Row>(JSON.parse(answer.toString()) as CompactAnswer);
  }

  async queryBytes(sql: string, options?: QueryOptions): Promise<Uint8Array> {
    return await this.#read(sql, 'RowBinary', options);
  }

  #read(sql: string, format: string, options?: QueryOptions): Promise<Buffer> {
    return this.#send(sql, format, options, true);
  }

  async command(sql: string, options?: QueryOptions): Promise<void> {
    await this.#send(sql, 'TabSeparated', options, false);
  }

  async #send(sql: string, format: string, options: QueryOptions = {}, again: boolean): Promise<Buffer> {
    const bound = bindParameters(sql, options.parameters);
    try {
      return await this.#clients[options.pool ?? 'interactive'].send(bound, requestOf(format, options), again);
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw toServiceError(error);
    }
  }

  async insertBlock(table: string, blocks: Uint8Array | readonly Uint8Array[], token: string): Promise<void> {
    const sql = `INSERT INTO ${quoteIdentifier(table)} FORMAT Native`;
    const settings = { insert_deduplication_token: token };
    const data = blocks instanceof Uint8Array ? blocks : Buffer.concat(blocks);
    try {
      await this.#clients.ingest.send(sql, { format: 'TabSeparated', data, settings }, true);
    } catch (error) {
      throw toInsertError(error);
    }
  }

  async queryUser(sql: string, options: QueryOptions = {}): Promise<UserQueryAnswer> {
    const checked = checkUserSql(sql);
    try {
      const answer = await this.#clients.user.send(checked, requestOf('JSONCompact', options), true);
      return await toUserAnswer(JSON.parse(answer.toString()) as CompactAnswer);
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw toUserError(error);
    }
  }

  async ping(): Promise<void> {
    try {
      const signal = AbortSignal.timeout(PING_MS);
      await this.#clients.control.send('SELECT 1', { format: 'TabSeparated', signal }, true);
    } catch (error) {
      throw new ServiceError('unavailable', 'the telemetry store does not answer', { cause: error });
    }
  }

  get pools(): Readonly<Record<PoolName, { readonly running: number; readonly waiting: number }>> {
    const { ingest, alerting, interactive, user, control } = this.#clients;
    return {
      ingest: ingest.stats,
      alerting: alerting.stats,
      interactive: interactive.stats,
      user: user.stats,
      control: control.stats,
    };
  }

  async close(): Promise<void> {
    const { control, ...others } = this.#clients;
    await Promise.all(Object.values(others).map((client) => client.close()));
    await control.close();
  }
}

function requestOf(format: string, { signal }: QueryOptions): ServerRequest {
  return { format, ...(signal && { signal }) };
}

/** Kills until the server does not know the query any more: a first try may come before it does. */
async function endQuery(control: ServerClient, id: string, cluster: string | undefined): Promise<void> {
  const condition = `query_id = ${quoteString(id)}`;
  const onCluster = cluster === undefined ? '' : `ON CLUSTER ${quoteIdentifier(cluster)} `;
  const processes =
    cluster === undefined ? 'system.processes' : `clusterAllReplicas(${quoteString(cluster)}, system.processes)`;
  const send = (sql: string) => control.send(sql, { format: 'TabSeparated' }, true);
  const deadline = performance.now() + KILL_FOR_MS;
  for (let unseen = 0; unseen < 2 && performance.now() < deadline; await delay(KILL_EVERY_MS)) {
    try {
      await send(`KILL QUERY ${onCluster}WHERE ${condition} ASYNC`);
      const count = await send(`SELECT count() FROM ${processes} WHERE ${condition}`);
      unseen = count.toString().trim() === '0' ? unseen + 1 : 0;
    } catch {
      // A server that is gone runs nothing; one that comes back has forgotten it.
      return;
    }
  }
}
