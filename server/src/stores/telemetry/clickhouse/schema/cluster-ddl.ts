import { quoteString } from '../bind-parameters.ts';

/** Servers that hold the tables together; each of them has the macros `shard` and `replica`. */
export interface Cluster {
  readonly name: string;
  readonly database: string;
}

/**
 * Over a cluster every table is two: `<name>_local` holds the rows of one shard and is replicated, `<name>` spreads what
 * is inserted and collects what is read. Views work where the rows are.
 */
const SUFFIX = '_local';

/** A table of its own on every shard is identified by the same UUID everywhere. */
const REPLICA = "'/clickhouse/tables/{uuid}/{shard}', '{replica}'";

/** By default servers forget tokens after an hour; what is inserted again after an outage may be older. */
const REPLICATED_WINDOW = 'replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800';

/** A trace lies on one shard. Series do by their own hash; of all else rows with one sorting key lie together. */
const SHARDING_KEYS: Readonly<Record<string, string>> = {
  otel_traces: 'cityHash64(TraceId)',
  otel_traces_trace_id_ts: 'cityHash64(TraceId)',
};

const CREATE_TABLE = /^CREATE TABLE IF NOT EXISTS (\w+) (\([\s\S]*\n\)) ENGINE = (\w+)(?:\(([^)]*)\))?([\s\S]*)$/;
const CREATE_VIEW = /^CREATE MATERIALIZED VIEW IF NOT EXISTS (\w+) TO (\w+) AS([\s\S]*)$/;
const ALTER = /^ALTER TABLE (\w+) ([\s\S]*)$/;
const DROP = /^DROP (TABLE|VIEW) IF EXISTS (\w+)$/;
/** What a table that collects has of its own. */
const CHANGES_COLUMNS = /^(ADD|DROP|MODIFY|RENAME|COMMENT) COLUMN/;

/** The table that holds the rows: what `system.parts` and changes of partitions name. */
export function storedTable(table: string, cluster: Cluster | undefined): string {
  return cluster === undefined ? table : table + SUFFIX;
}

/** The name that queries use for a table that holds rows. */
export function queriedTable(stored: string): string {
  return stored.endsWith(SUFFIX) ? stored.slice(0, -SUFFIX.length) : stored;
}

/**
 * The same schema change over a cluster, or on a single server (`undefined`) as it is. Throws where a statement is of a
 * kind that it does not know: a migration is tried by the tests before it is released.
 */
export function ddl(statement: string, cluster: Cluster | undefined): string[] {
  if (cluster === undefined) return [statement];
  const on = `ON CLUSTER ${quoteString(cluster.name)}`;
  const table = CREATE_TABLE.exec(statement);
  if (table) return createTable(table, on, cluster);
  const view = CREATE_VIEW.exec(statement);
  if (view) {
    const [, name, target, query] = view;
    // Under its plain name, which the columns of the query may carry.
    const local = query!.replace(/\b(FROM|JOIN) (\w+)/g, `$1 $2${SUFFIX} AS $2`);
    return [`CREATE MATERIALIZED VIEW IF NOT EXISTS ${name} ${on} TO ${target}${SUFFIX} AS${local}`];
  }
  const alter = ALTER.exec(statement);
  if (alter) {
    const [, name, change] = alter;
    const local = `ALTER TABLE ${name}${SUFFIX} ${on} ${change}`;
    return CHANGES_COLUMNS.test(change!) ? [local, `ALTER TABLE ${name} ${on} ${change}`] : [local];
  }
  const drop = DROP.exec(statement);
  if (drop) {
    const [, kind, name] = drop;
    const names = kind === 'VIEW' ? [name] : [name, name + SUFFIX];
    return names.map((each) => `DROP ${kind} IF EXISTS ${each} ${on}`);
  }
  throw new Error(`this statement is not known over a cluster: ${statement.slice(0, 100)}`);
}

function createTable(match: RegExpExecArray, on: string, { name: cluster, database }: Cluster): string[] {
  const [, name, columns, engine, engineArguments, rest] = match as unknown as string[];
  const replicated = [REPLICA, ...(engineArguments ? [engineArguments] : [])].join(', ');
  const settings = rest!.replace(/non_replicated_deduplication_window = \d+/, REPLICATED_WINDOW);
  const key = shardingKey(name!, columns!, rest!);
  const spread = [cluster, database, name + SUFFIX].map(quoteString).join(', ');
  return [
    `CREATE TABLE IF NOT EXISTS ${name}${SUFFIX} ${on} ${columns} ENGINE = Replicated${engine}(${replicated})${settings}`,
    `CREATE TABLE IF NOT EXISTS ${name} ${on} AS ${name}${SUFFIX} ENGINE = Distributed(${spread}, ${key})`,
  ];
}

/** Computed from the row alone, so that an insert that is repeated is divided as it was. */
function shardingKey(table: string, columns: string, rest: string): string {
  const known = SHARDING_KEYS[table];
  if (known !== undefined) return known;
  if (/^\s*series UInt64/m.test(columns)) return 'series';
  const [, sortingKey] = /ORDER BY \(?(.+?)\)?(?:\n|$)/.exec(rest) ?? [];
  if (sortingKey === undefined) throw new Error(`the table ${table} has no sorting key`);
  return `cityHash64(${sortingKey})`;
}
