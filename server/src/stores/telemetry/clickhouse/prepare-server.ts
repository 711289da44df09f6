import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError } from '../../../model/errors.ts';
import type { Logger } from '../../../model/logger.ts';
import { quoteIdentifier, quoteString } from './bind-parameters.ts';
import type { ServerAddress, ServerClient } from './server-client.ts';
import { ConnectionError, explainOpening, isAccessDenied } from './server-errors.ts';

/** The first release whose full-text index needs no experimental setting. */
const OLDEST: readonly [number, number] = [26, 2];

const TRY_EVERY_MS = 1000;

/**
 * Waits for the server, checks that it can hold our tables, and makes the database where it is missing. Throws
 * `ServiceError('unavailable')` that says what to do.
 */
export async function prepareServer(
  control: ServerClient,
  address: ServerAddress,
  logger: Logger,
  waitMs: number,
): Promise<void> {
  const { host } = new URL(address.origin);
  try {
    const version = await waitForVersion(control, host, logger, waitMs);
    checkVersion(version, host);
    if (address.cluster !== undefined) await checkCluster(control, address.cluster, host);
    await makeDatabase(control, address, host);
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    throw refused(explainOpening(error, host, address.user), error);
  }
}

async function waitForVersion(control: ServerClient, host: string, logger: Logger, waitMs: number): Promise<string> {
  const deadline = performance.now() + waitMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await ask(control, 'SELECT version()');
    } catch (error) {
      const isPassing = error instanceof ConnectionError && error.isPassing;
      if (!isPassing || performance.now() + TRY_EVERY_MS > deadline) throw error;
      if (attempt === 0) logger.warn({ host }, `waiting for the ClickHouse server: ${error.message}`);
      await delay(TRY_EVERY_MS);
    }
  }
}

function checkVersion(version: string, host: string): void {
  const [year = 0, month = 0] = version.split('.').map(Number);
  const [oldestYear, oldestMonth] = OLDEST;
  if (year > oldestYear || (year === oldestYear && month >= oldestMonth)) return;
  throw refused(`the ClickHouse server ${host} has version ${version}; ${OLDEST.join('.')} or newer is needed`);
}

async function checkCluster(control: ServerClient, cluster: string, host: string): Promise<void> {
  const known = (await ask(control, 'SELECT DISTINCT cluster FROM system.clusters ORDER BY cluster')).split('\n');
  if (!known.includes(cluster)) {
    const names = known.filter((name) => name !== '').join(', ') || 'none';
    throw refused(
      `the ClickHouse server ${host} knows no cluster ${cluster}: correct CLICKHOUSE_CLUSTER (it knows: ${names})`,
    );
  }
  const macros = (await ask(control, 'SELECT macro FROM system.macros')).split('\n');
  const missing = ['shard', 'replica'].filter((macro) => !macros.includes(macro));
  if (missing.length === 0) return;
  throw refused(
    `the ClickHouse server ${host} lacks the macro ${missing.join(' and ')}: set <macros> in the configuration of every server of the cluster`,
  );
}

async function makeDatabase(control: ServerClient, address: ServerAddress, host: string): Promise<void> {
  const { database, cluster, user } = address;
  const exists = await ask(control, `SELECT count() FROM system.databases WHERE name = ${quoteString(database)}`);
  // On a cluster always: another server of it may lack what this one has.
  if (exists !== '0' && cluster === undefined) return;
  const onCluster = cluster === undefined ? '' : ` ON CLUSTER ${quoteIdentifier(cluster)}`;
  try {
    await ask(control, `CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(database)}${onCluster}`);
  } catch (error) {
    if (!isAccessDenied(error)) throw error;
    if (exists !== '0') return;
    throw refused(
      `the ClickHouse server ${host} has no database ${database}, and the user ${user} may not make it; ` +
        `as an administrator run: CREATE DATABASE ${database}${onCluster}; GRANT${onCluster} ALL ON ${database}.* TO ${user}`,
      error,
    );
  }
}

async function ask(control: ServerClient, sql: string): Promise<string> {
  return (await control.send(sql, { format: 'TabSeparated', withoutDatabase: true }, true)).toString().trim();
}

function refused(message: string, cause?: unknown): ServiceError {
  return new ServiceError('unavailable', message, { cause });
}
