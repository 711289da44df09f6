import type { Executor } from './control-store.ts';
import type { DirectoryEntriesTable } from './schema/directory.ts';

type StoredDirectoryEntry = DirectoryEntriesTable;

/** The newest first, at most `limit`. */
export function listDirectoryEntries(db: Executor, limit: number): Promise<StoredDirectoryEntry[]> {
  return db.selectFrom('directory_entries').selectAll().orderBy('fetched_at', 'desc').limit(limit).execute();
}

/** Adds an entry or replaces what is stored of it. */
export async function saveDirectoryEntry(db: Executor, entry: StoredDirectoryEntry): Promise<void> {
  const { body, fetched_at } = entry;
  await db
    .insertInto('directory_entries')
    .values(entry)
    .onConflict((conflict) => conflict.columns(['kind', 'id']).doUpdateSet({ body, fetched_at }))
    .execute();
}
