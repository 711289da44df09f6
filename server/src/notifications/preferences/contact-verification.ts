import type { ChannelMessage, Channels } from '../../channels/index.ts';
import { newId } from '../../lib/id.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid, notFound } from '../../model/errors.ts';
import type { Logger } from '../../model/logger.ts';
import type { ChannelName } from '../../model/notification-request.ts';
import {
  type ControlStore,
  type Executor,
  listContacts,
  replaceContacts,
  type StoredContact,
} from '../../stores/control/index.ts';
import { type ContactCode, codeProblem, newCode } from './contact-code.ts';
import { type ContactLinks, hashOfAddress } from './contact-link.ts';

export interface VerificationOptions {
  readonly store: ControlStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly channels: Channels['byName'];
  readonly links: ContactLinks;
}

export interface ContactName {
  readonly userId: string;
  readonly channel: ChannelName;
  /** Left out: the only one that is not verified. */
  readonly address?: string | undefined;
}

/**
 * Shows that an address is its user's: a code and a link go there, and one of them comes back. They are sent outside
 * of the outbox, so that they stand in no history.
 */
export class ContactVerification {
  readonly #options: VerificationOptions;

  constructor(options: VerificationOptions) {
    this.#options = options;
  }

  /** Sends codes; what cannot be sent is logged, and can be asked for again. */
  async send(userId: string, codes: readonly ContactCode[]): Promise<void> {
    const { channels, logger, clock, links } = this.#options;
    await Promise.all(
      codes.map(async ({ channel, address, code }) => {
        if (channel === 'in_app') return;
        const target = channels[channel];
        if (target.unavailable(address) !== undefined) return;
        const signal = AbortSignal.timeout(target.timeoutMs);
        const url = links.urlFor(userId, channel, address, clock.now());
        const outcome = await target.send(messageOf(code, url, clock.now()), address, signal);
        if (outcome.outcome === 'sent') return;
        logger.warn({ channel, recipient: target.describe(address), ...outcome }, 'a verification code was not sent');
      }),
    );
  }

  /** A new code in place of the old one. Throws `invalid` where there is no such address, or it is verified. */
  async again(name: ContactName): Promise<void> {
    const { clock } = this.#options;
    let code = '';
    const contact = await this.#change(name, (found) => {
      const fresh = newCode(found.user_id, found.channel, found.address, clock.now());
      code = fresh.code;
      return { ...found, ...fresh.stored };
    });
    await this.send(name.userId, [{ channel: name.channel, address: contact.address, code }]);
  }

  /** The address is verified from now on. Throws `invalid` where the code is wrong or too old. */
  async confirm(name: ContactName, code: string): Promise<void> {
    const { clock } = this.#options;
    let problem: string | undefined;
    await this.#change(name, (found) => {
      problem = codeProblem(found, code, clock.now());
      if (problem !== undefined) return { ...found, code_attempts: found.code_attempts + 1 };
      return { ...found, verified_at: clock.now(), code_hash: null, code_expires_at: null, code_attempts: 0 };
    });
    if (problem !== undefined) throw invalid({ path: 'code', message: problem });
  }

  /** Whose address the link of a message shows to be right, and whether that is still to be said. Throws `not_found`. */
  async linked(
    token: string,
  ): Promise<{ readonly userId: string; readonly recipient: string; readonly open: boolean }> {
    const { store, channels } = this.#options;
    const { userId, contact } = await this.#linked(store.db, token);
    const channel = contact.channel as Exclude<ChannelName, 'in_app'>;
    return { userId, recipient: channels[channel].describe(contact.address), open: contact.verified_at === null };
  }

  /** As `confirm`, by the link of a message; once more changes nothing. Throws `not_found`. */
  async follow(token: string): Promise<void> {
    const { store, clock } = this.#options;
    await store.transaction(async (db) => {
      const { userId, contact, all } = await this.#linked(db, token);
      if (contact.verified_at !== null) return;
      const verified = { ...contact, verified_at: clock.now(), code_hash: null, code_expires_at: null };
      await replaceContacts(
        db,
        userId,
        contact.channel,
        all.map((one) => (one === contact ? { ...verified, code_attempts: 0 } : one)),
      );
    });
  }

  async #linked(db: Executor, token: string) {
    const { links, clock } = this.#options;
    const { userId, channel, addressHash } = links.read(token, clock.now());
    const all = (await listContacts(db, [userId])).filter((contact) => contact.channel === channel);
    const contact = all.find(({ address }) => hashOfAddress(address) === addressHash);
    if (!contact) throw notFound('the address is not there any more');
    return { userId, contact, all };
  }

  #change({ userId, channel, address }: ContactName, change: (contact: StoredContact) => StoredContact) {
    return this.#options.store.transaction(async (db) => {
      const all = (await listContacts(db, [userId])).filter((contact) => contact.channel === channel);
      const found = all.find((contact) =>
        address === undefined ? contact.verified_at === null : contact.address === address,
      );
      if (!found || found.verified_at !== null) {
        const message = found ? 'is verified already' : `${userId} has no ${channel} address that waits for its code`;
        throw invalid({ path: address === undefined ? 'channel' : 'address', message });
      }
      const changed = change(found);
      await replaceContacts(
        db,
        userId,
        channel,
        all.map((contact) => (contact === found ? changed : contact)),
      );
      return changed;
    });
  }
}

function messageOf(code: string, url: string | undefined, now: number): ChannelMessage {
  const subject = `${code} is your code`;
  const message = `${code} is the code that shows that notifications may be sent here. It is good for 15 minutes${
    url === undefined ? '' : ', the link for a day'
  }. If you have not asked for it, ignore this message.`;
  const shortText = `${code} is your code for notifications, good for 15 minutes.`;
  return {
    ...{ deliveryId: newId(), notificationId: newId(), type: 'contact.verification', severity: 'info' },
    ...{ subject, message, shortText, mailSubject: subject, facts: [], good: false },
    links: url === undefined ? [] : [{ label: 'Confirm this address', url }],
    ...{
      createdAt: now,
      alertId: undefined,
      episodeId: undefined,
      incidentId: undefined,
      startsThread: true,
      data: {},
      metadata: undefined,
    },
  };
}
