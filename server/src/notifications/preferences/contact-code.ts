import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import type { ChannelName } from '../../model/notification-request.ts';
import type { StoredContact } from '../../stores/control/index.ts';

/** A code on its way to an address, whose owner is to say it back. */
export interface ContactCode {
  readonly channel: ChannelName;
  readonly address: string;
  readonly code: string;
}

type StoredCode = Pick<StoredContact, 'code_hash' | 'code_expires_at' | 'code_attempts'>;

const VALID_MS = 15 * 60_000;
/** After so many wrong ones a new code is needed. */
const MOST_ATTEMPTS = 5;

/** A new code of six digits for this address, good for a quarter of an hour, and what is stored of it. */
export function newCode(
  userId: string,
  channel: string,
  address: string,
  now: number,
): { readonly code: string; readonly stored: StoredCode } {
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  const hash = hashOf(userId, channel, address, code);
  return { code, stored: { code_hash: hash, code_expires_at: now + VALID_MS, code_attempts: 0 } };
}

/** What is wrong with a code that was said back; `undefined`: it is the one. */
export function codeProblem(contact: StoredContact, code: string, now: number): string | undefined {
  if (contact.code_hash === null || contact.code_expires_at === null) return 'no code was sent to this address';
  if (now > contact.code_expires_at) return 'the code has expired; ask for a new one';
  if (contact.code_attempts >= MOST_ATTEMPTS) return 'too many wrong codes; ask for a new one';
  const given = Buffer.from(hashOf(contact.user_id, contact.channel, contact.address, code));
  return timingSafeEqual(given, Buffer.from(contact.code_hash)) ? undefined : 'this is not the code that was sent';
}

function hashOf(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
