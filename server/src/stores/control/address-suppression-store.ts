import type { Executor } from './control-store.ts';
import type { AddressSuppressionsTable } from './schema/channels.ts';

/** What is suppressed of these addresses, whatever the channel. */
export function suppressionsOf(db: Executor, addresses: readonly string[]): Promise<AddressSuppressionsTable[]> {
  if (addresses.length === 0) return Promise.resolve([]);
  return db
    .selectFrom('address_suppressions')
    .selectAll()
    .where('address', 'in', addresses)
    .orderBy('channel')
    .orderBy('address')
    .orderBy('type')
    .execute();
}
