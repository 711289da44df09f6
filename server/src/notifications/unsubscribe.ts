import type { SecretBox } from '../lib/secret-box.ts';
import { notFound } from '../model/errors.ts';
import type { StoredDelivery, StoredNotification } from '../stores/control/index.ts';
import type { PreferenceDesk } from './preferences/preference-desk.ts';
import { isNotice, type Suppressions } from './suppressions.ts';

/** What a token lets its bearer end. */
export interface Unsubscription {
  /** Whose mails, or to which address. */
  readonly of: { readonly userId: string; readonly type: string } | { readonly address: string };
}

export interface UnsubscribeOptions {
  readonly secrets: SecretBox;
  readonly preferences: () => PreferenceDesk;
  readonly suppressions: Suppressions;
  /** How the service is reached from outside; without it there are no links. */
  readonly publicUrl: string | undefined;
}

/** Ends mails by one click, without signing in: the token says whose and of what (RFC 8058). */
export class Unsubscribe {
  readonly #options: UnsubscribeOptions;

  constructor(options: UnsubscribeOptions) {
    this.#options = options;
  }

  /** For notices by mail; alerts and pages are ended by preferences alone. */
  urlFor(delivery: StoredDelivery, notification: StoredNotification): string | undefined {
    const { publicUrl, secrets } = this.#options;
    if (publicUrl === undefined || delivery.channel !== 'email' || !isNotice(notification)) return undefined;
    const userId = delivery.user_id;
    const token = userId === null ? { a: delivery.address } : { u: userId, t: notification.type };
    return `${publicUrl.replace(/\/$/, '')}/api/notifications/unsubscribe/${secrets.sign(token)}`;
  }

  /** Throws `not_found` for a token that is not ours. */
  read(token: string): Unsubscription {
    const { a, u, t } = (this.#options.secrets.verify(token) ?? {}) as { a?: string; u?: string; t?: string };
    if (a !== undefined) return { of: { address: a } };
    if (u !== undefined && t !== undefined) return { of: { userId: u, type: t } };
    throw notFound('this link is not valid; use the one of a newer mail');
  }

  async apply(token: string): Promise<Unsubscription> {
    const unsubscription = this.read(token);
    const { of } = unsubscription;
    if ('userId' in of) {
      const updates = [{ channel: 'email', type: of.type, enabled: false, path: '' }] as const;
      // Who holds the mail has read the address: nothing has to be verified.
      await this.#options.preferences().update(of.userId, { updates }, true);
    } else {
      const target = { channel: 'email', address: of.address, type: 'notice' as const };
      await this.#options.suppressions.add(target, 'unsubscribed', 'by the link of a mail');
    }
    return unsubscription;
  }
}
