import { availableParallelism } from 'node:os';
import { quoteString } from './bind-parameters.ts';

/** Kinds of sessions. `control` ends queries of the others. */
export type PoolName = 'ingest' | 'alerting' | 'interactive' | 'user' | 'control';

export interface PoolSettings {
  /** So many queries run at a time. */
  readonly size: number;
  /** A query is ended after so many seconds. */
  readonly seconds: number;
  readonly maxWaiting: number;
  /** Of the engine's memory, for one query. */
  readonly memoryShare: number;
  /** Settings of the engine besides the common ones. */
  readonly settings: Readonly<Record<string, number | string>>;
}

const MIB = 1024 * 1024;

/** The database that holds all tables; every session begins in it, so that SQL need not name it. */
const DATABASE = 'otel';

/** A block that we hand over stays one block: deduplication tokens count blocks. */
const WHOLE_BLOCKS = {
  max_insert_block_size: 100_000_000,
  min_insert_block_size_rows: 100_000_000,
  min_insert_block_size_bytes: 1024 * MIB,
  max_block_size: 100_000_000,
  max_insert_threads: 1,
  max_threads: 1,
  input_format_parallel_parsing: 0,
  // Batches are bounded before (`DistinctDays`).
  max_partitions_per_insert_block: 0,
  // Rows that replace one another are left to merges, as they are between inserts: looking for them costs as much as
  // all the rest of an insert of samples, and readers tell them apart anyway.
  optimize_on_insert: 0,
};

/**
 * The indexes of attributes cost a fifth of an insert, and the next merge makes them anyway: until then, for minutes
 * and a few parts, a search reads these columns. Those of ids and of words are made at once.
 */
const INDEXES_AT_MERGE = [
  'idx_resource_key',
  'idx_resource_value',
  'idx_span_key',
  'idx_span_value',
  'idx_log_key',
  'idx_log_value',
];

const USERS_LIMITS = {
  max_query_size: MIB,
  max_ast_elements: 50_000,
  max_result_rows: 10_000,
  max_result_bytes: 32 * MIB,
  result_overflow_mode: 'throw',
};

export const POOLS: Readonly<Record<PoolName, PoolSettings>> = {
  ingest: { size: 2, seconds: 120, maxWaiting: 10_000, memoryShare: 1, settings: WHOLE_BLOCKS },
  alerting: { size: 1, seconds: 20, maxWaiting: 10_000, memoryShare: 0.5, settings: {} },
  interactive: { size: 3, seconds: 30, maxWaiting: 500, memoryShare: 0.5, settings: {} },
  user: { size: 1, seconds: 20, maxWaiting: 50, memoryShare: 0.3, settings: USERS_LIMITS },
  control: { size: 1, seconds: 10, maxWaiting: 10_000, memoryShare: 1, settings: {} },
};

/** Settings of every query of the pool, limits included; a query's own settings come in its SQL. */
export function poolSettings(name: PoolName, seconds: number): Readonly<Record<string, number | string>> {
  return {
    max_execution_time: seconds,
    max_query_size: 64 * MIB,
    max_ast_elements: 2_000_000,
    async_insert: 0,
    output_format_json_quote_64bit_integers: 1,
    output_format_json_quote_denormals: 1,
    session_timezone: 'UTC',
    ...POOLS[name].settings,
  };
}

/** What every session of the pool begins with: the same for all its queries. */
export function openingStatements(name: PoolName, seconds: number, memoryLimitBytes: number): string[] {
  const settings = {
    ...poolSettings(name, seconds),
    max_memory_usage: Math.floor(memoryLimitBytes * POOLS[name].memoryShare),
    log_queries: 0,
    ...(name === 'ingest' && { exclude_materialize_skip_indexes_on_insert: INDEXES_AT_MERGE.join(', ') }),
    // SQL of users leaves a processor to those who send: it may work as hard as it likes otherwise.
    ...(name === 'user' && { max_threads: Math.max(1, availableParallelism() - 1) }),
  };
  const assignments = Object.entries(settings).map(
    ([setting, value]) => `${setting} = ${typeof value === 'string' ? quoteString(value) : value}`,
  );
  return [
    ...(name === 'control' ? [`CREATE DATABASE IF NOT EXISTS ${DATABASE}`] : []),
    `USE ${DATABASE}`,
    `SET ${assignments.join(', ')}`,
    // Last: from here on the session can change nothing, not even this.
    ...(name === 'user' ? ['SET readonly = 1'] : []),
  ];
}

/** Caches are small: the operating system's cache lies below them, and the process shall stay small. */
export function engineArguments(memoryLimitBytes: number, backupDir: string | undefined): string[] {
  const settings = {
    ...(backupDir !== undefined && { 'backups.allowed_path': backupDir }),
    max_server_memory_usage: memoryLimitBytes,
    mark_cache_size: 32 * MIB,
    primary_index_cache_size: 32 * MIB,
    index_mark_cache_size: 16 * MIB,
    text_index_tokens_cache_size: 16 * MIB,
    text_index_header_cache_size: 16 * MIB,
    text_index_postings_cache_size: 32 * MIB,
    vector_similarity_index_cache_size: MIB,
    parquet_metadata_cache_size: MIB,
    iceberg_metadata_files_cache_size: MIB,
    query_condition_cache_size: 16 * MIB,
    compiled_expression_cache_size: 8 * MIB,
  };
  return Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
}
