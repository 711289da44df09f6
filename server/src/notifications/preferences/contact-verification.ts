import type { ChannelMessage, Channels } from '../../channels/index.ts';
import { newId } from '../../lib/id.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid } from '../../model/errors.ts';
import type { Logger } from '../../model/logger.ts';
import type { ChannelName } from '../../model/notification-request.ts';
import { type ControlStore, listContacts, replaceContacts, type StoredContact } from '../../stores/control/index.ts';
import { type ContactCode, codeProblem, newCode } from './contact-code.ts';

export interface VerificationOptions {
  readonly store: ControlStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly channels: Channels['byName'];
}

export interface ContactName {
  readonly userId: string;
  readonly channel: ChannelName;
  /** Left out: the only one that is not verified. */
  readonly address?: string | undefined;
}

/**
 * Shows that an address is its user's: a code goes there, and comes back. Codes are sent outside of the outbox, so
 * that they stand in no history.
 */
export class ContactVerification {
  readonly #options: VerificationOptions;

  constructor(options: VerificationOptions) {
    this.#options = options;
  }

  /** Sends codes; what cannot be sent is logged, and can be asked for again. */
  async send(codes: readonly ContactCode[]): Promise<void> {
    const { channels, logger, clock } = this.#options;
    await Promise.all(
      codes.map(async ({ channel, address, code }) => {
        if (channel === 'in_app') return;
        const target = channels[channel];
        if (target.unavailable(address) !== undefined) return;
        const signal = AbortSignal.timeout(target.timeoutMs);
        const outcome = await target.send(messageOf(code, clock.now()), address, signal);
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
    await this.send([{ channel: name.channel, address: contact.address, code }]);
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

function messageOf(code: string, now: number): ChannelMessage {
  const subject = `${code} is your code`;
  const message = `${code} is the code that shows that notifications may be sent here. It is good for 15 minutes. If you have not asked for it, ignore this message.`;
  return {
    ...{ deliveryId: newId(), notificationId: newId(), type: 'contact.verification', severity: 'info' },
    ...{ subject, message, shortText: message, mailSubject: subject, facts: [], links: [], good: false },
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
