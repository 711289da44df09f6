import {
  AliasNode,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type OperationNode,
  type QueryResult,
  type RootOperationNode,
  TableNode,
  type TransactionSettings,
} from 'kysely';
import { withoutNul } from './replace-nul.ts';

/** Told of the tables that a statement has changed, once others can see it: after the commit. Must not throw. */
type Told = (tables: ReadonlySet<string>) => void;

/**
 * What all statements go through. Nothing is told of statements that change no row, nor of raw SQL, which changes tables in migrations
 * only.
 */
export function watchedDialect(dialect: Dialect, told: Told): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createDriver: () => new WatchedDriver(dialect.createDriver(), told),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  };
}

class WatchedDriver implements Driver {
  readonly #driver: Driver;
  readonly #told: Told;
  readonly #connections = new WeakMap<DatabaseConnection, WatchedConnection>();

  constructor(driver: Driver, told: Told) {
    this.#driver = driver;
    this.#told = told;
  }

  init(): Promise<void> {
    return this.#driver.init();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await this.#driver.acquireConnection();
    const known = this.#connections.get(connection);
    if (known) return known;
    const watched = new WatchedConnection(connection, this.#told);
    this.#connections.set(connection, watched);
    return watched;
  }

  async beginTransaction(connection: WatchedConnection, settings: TransactionSettings): Promise<void> {
    await this.#driver.beginTransaction(connection.inner, settings);
    connection.changed = new Set();
  }

  async commitTransaction(connection: WatchedConnection): Promise<void> {
    const changed = connection.changed!;
    connection.changed = undefined;
    try {
      await this.#driver.commitTransaction(connection.inner);
    } finally {
      // A commit whose answer was lost may have happened.
      if (changed.size > 0) this.#told(changed);
    }
  }

  async rollbackTransaction(connection: WatchedConnection): Promise<void> {
    connection.changed = undefined;
    await this.#driver.rollbackTransaction(connection.inner);
  }

  releaseConnection(connection: WatchedConnection): Promise<void> {
    connection.changed = undefined;
    return this.#driver.releaseConnection(connection.inner);
  }

  destroy(): Promise<void> {
    return this.#driver.destroy();
  }
}

class WatchedConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;
  readonly #told: Told;
  /** Tables that the transaction under way has changed; `undefined` outside of one. */
  changed: Set<string> | undefined;

  constructor(inner: DatabaseConnection, told: Told) {
    this.inner = inner;
    this.#told = told;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const result = await this.inner.executeQuery<Row>(withoutNul(query));
    const table = changedTable(query.query);
    if (table === undefined || !hasChanged(result)) return result;
    if (this.changed) this.changed.add(table);
    else this.#told(new Set([table]));
    return result;
  }

  streamQuery<Row>(query: CompiledQuery, chunkSize: number): AsyncIterableIterator<QueryResult<Row>> {
    return this.inner.streamQuery(withoutNul(query), chunkSize);
  }
}

function hasChanged({ rows, numAffectedRows }: QueryResult<unknown>): boolean {
  return rows.length > 0 || (numAffectedRows ?? 0n) > 0n;
}

function changedTable(query: RootOperationNode): string | undefined {
  switch (query.kind) {
    case 'InsertQueryNode':
      return tableName(query.into);
    case 'UpdateQueryNode':
      return tableName(query.table);
    case 'DeleteQueryNode':
      return tableName(query.from.froms[0]);
    default:
      return undefined;
  }
}

function tableName(node: OperationNode | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (AliasNode.is(node)) return tableName(node.node);
  return TableNode.is(node) ? node.table.identifier.name : undefined;
}
