import type { Executor } from './control-store.ts';
import type { ApiKeysTable } from './schema/access.ts';

export type StoredApiKey = ApiKeysTable;

/** The key with this secret's hash, or `undefined`. */
export function findApiKey(db: Executor, secretHash: string): Promise<StoredApiKey | undefined> {
  return db.selectFrom('api_keys').selectAll().where('secret_hash', '=', secretHash).executeTakeFirst();
}

/** All keys, oldest first. */
export function listApiKeys(db: Executor): Promise<StoredApiKey[]> {
  return db.selectFrom('api_keys').selectAll().orderBy('created_at').execute();
}

/** Rejects where the name is taken. */
export async function insertApiKey(db: Executor, key: StoredApiKey): Promise<void> {
  await db.insertInto('api_keys').values(key).execute();
}

/** True where a key of this name was there. */
export async function deleteApiKey(db: Executor, name: string): Promise<boolean> {
  const result = await db.deleteFrom('api_keys').where('name', '=', name).executeTakeFirst();
  return result.numDeletedRows > 0n;
}
