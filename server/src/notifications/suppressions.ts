import type { DeliveryOutcome } from '../channels/index.ts';
import type { Clock } from '../model/clock.ts';
import { notFound } from '../model/errors.ts';
import {
  type ControlStore,
  deleteSuppression,
  listSuppressions,
  type StoredDelivery,
  type StoredSuppression,
  saveSuppression,
} from '../stores/control/index.ts';
import { classOf } from './lifecycle.ts';

/** Of everything, or of notices alone: alerts and pages still arrive. */
export type SuppressionScope = '' | 'notice';

/** The class of notices, as deliveries carry it. */
const NOTICE_PRIORITY = 2;

/** Addresses whose owners want nothing, or that do not exist: nothing is sent there, whatever anybody prefers. */
export class Suppressions {
  readonly #store: ControlStore;
  readonly #clock: Clock;
  readonly #byKey = new Map<string, StoredSuppression>();

  constructor(store: ControlStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async load(): Promise<void> {
    for (const row of await listSuppressions(this.#store.db)) this.#byKey.set(keyOf(row), row);
  }

  /** Oldest first. */
  list(): StoredSuppression[] {
    return [...this.#byKey.values()];
  }

  /** What stands against a delivery, or `undefined`. */
  find({ channel, address, priority }: StoredDelivery): StoredSuppression | undefined {
    const plain = plainAddress(channel, address);
    const all = this.#byKey.get(keyOf({ channel, address: plain, type: '' }));
    if (all || priority < NOTICE_PRIORITY) return all;
    return this.#byKey.get(keyOf({ channel, address: plain, type: 'notice' }));
  }

  async add(
    target: { readonly channel: string; readonly address: string; readonly type: SuppressionScope },
    reason: 'unsubscribed' | 'bounced',
    detail: string,
  ): Promise<void> {
    const address = plainAddress(target.channel, target.address);
    if (address === '') return;
    const row = { ...target, address, reason, detail: detail.slice(0, 500), created_at: this.#clock.now() };
    await saveSuppression(this.#store.db, row);
    if (!this.#byKey.has(keyOf(row))) this.#byKey.set(keyOf(row), row);
  }

  /** Throws `not_found` where nothing stands against the address. */
  async remove(channel: string, address: string): Promise<void> {
    const plain = plainAddress(channel, address);
    const rows = (['', 'notice'] as const).flatMap(
      (type) => this.#byKey.get(keyOf({ channel, address: plain, type })) ?? [],
    );
    if (rows.length === 0) throw notFound(`nothing is held back from ${channel} ${address.slice(0, 200)}`);
    for (const row of rows) {
      await deleteSuppression(this.#store.db, row);
      this.#byKey.delete(keyOf(row));
    }
  }

  /** Keeps what a target's answer says about the address itself. */
  async learn({ channel, address }: StoredDelivery, outcome: DeliveryOutcome): Promise<void> {
    if (outcome.outcome !== 'failed') return;
    const { reason, detail } = outcome;
    if (reason === 'unsubscribed') await this.add({ channel, address, type: '' }, 'unsubscribed', detail);
    // "Bad destination mailbox address" (RFC 3463); other refusals may be about us.
    if (channel === 'email' && reason === 'address_rejected' && /\b5\.1\.1\b/.test(detail)) {
      await this.add({ channel, address, type: '' }, 'bounced', detail);
    }
  }
}

/** Whether mails of this kind may be unsubscribed from by a click: alerts and pages may not. */
export function isNotice(notification: { readonly critical: number; readonly type: string }): boolean {
  return classOf({ critical: notification.critical === 1, type: notification.type }) === 'notice';
}

function keyOf({ channel, address, type }: Pick<StoredSuppression, 'channel' | 'address' | 'type'>): string {
  return [channel, type, address].join('\n');
}

/** Without the channel that it goes by; mail addresses in lower case. Empty where the channel has its own recipients. */
function plainAddress(channel: string, address: string): string {
  const plain = address.startsWith('channel:') ? (/^channel:[^/]+\/(.+)$/s.exec(address)?.[1] ?? '') : address;
  return channel === 'email' ? plain.toLowerCase() : plain;
}
