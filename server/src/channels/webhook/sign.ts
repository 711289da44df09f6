import { createHmac } from 'node:crypto';

/**
 * The `webhook-signature` header: one signature for each secret (two while one replaces the other).
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signWebhook(
  secrets: readonly Buffer[],
  message: { readonly id: string; readonly timestampSeconds: number; readonly body: string },
): string {
  const signed = `${message.id}.${message.timestampSeconds}.${message.body}`;
  return secrets.map((secret) => `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`).join(' ');
}

/** The keys of `whsec_<base64>` secrets, several separated by spaces or commas. Throws where one is none. */
export function parseSecrets(text: string): Buffer[] {
  return text
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map((part) => {
      const key = Buffer.from(part.replace(/^whsec_/, ''), 'base64');
      if (/^whsec_[A-Za-z0-9+/]+=*$/.test(part) && key.length >= 24 && key.length <= 64) return key;
      throw new Error('a webhook secret is "whsec_" and the base64 of 24 to 64 random bytes');
    });
}
