import { createHash } from 'node:crypto';
import type { SecretBox } from '../../lib/secret-box.ts';
import { notFound } from '../../model/errors.ts';
import type { ChannelName } from '../../model/notification-request.ts';

/** Which address of whom a link shows to be right. */
export interface LinkedContact {
  readonly userId: string;
  readonly channel: ChannelName;
  /** Of the address, which may hold a secret. */
  readonly addressHash: string;
}

const VALID_MS = 24 * 3_600_000;

/** Links that go to an address, and whose bearer has therefore received what is sent there; good for a day. */
export class ContactLinks {
  readonly #secrets: SecretBox;
  readonly #publicUrl: string | undefined;

  /** Without a public URL there are no links. */
  constructor(secrets: SecretBox, publicUrl: string | undefined) {
    this.#secrets = secrets;
    this.#publicUrl = publicUrl;
  }

  urlFor(userId: string, channel: ChannelName, address: string, now: number): string | undefined {
    if (this.#publicUrl === undefined) return undefined;
    const token = { v: 'contact', u: userId, c: channel, h: hashOfAddress(address), e: now + VALID_MS };
    return `${this.#publicUrl.replace(/\/$/, '')}/api/notifications/verify/${this.#secrets.sign(token)}`;
  }

  /** Throws `not_found` for a token that is not ours, or too old. */
  read(token: string, now: number): LinkedContact {
    const { v, u, c, h, e } = (this.#secrets.verify(token) ?? {}) as Record<string, unknown>;
    if (v !== 'contact') throw notFound('this link is not valid; ask for a new one');
    if (now > Number(e)) throw notFound('this link has expired; ask for a new one');
    return { userId: u as string, channel: c as ChannelName, addressHash: h as string };
  }
}

export function hashOfAddress(address: string): string {
  return createHash('sha256').update(address).digest('base64url').slice(0, 22);
}
