import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Keeps secrets at rest and signs tokens, with keys made from one secret (HKDF-SHA-256, RFC 5869; AES-256-GCM, NIST SP
 * 800-38D; HMAC-SHA-256).
 */
export class SecretBox {
  readonly #sealing: Buffer;
  readonly #signing: Buffer;
  /** Names the key, so that another one is told from damage. */
  readonly #keyId: string;

  constructor(secret: string) {
    this.#sealing = derive(secret, 'secrets at rest');
    this.#signing = derive(secret, 'tokens');
    this.#keyId = createHash('sha256').update(derive(secret, 'key id')).digest('base64url').slice(0, 8);
  }

  /** `context` is part of the seal: what was sealed in one place cannot be put into another. */
  seal(plain: string, context: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#sealing, nonce).setAAD(Buffer.from(context));
    const sealed = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `v1.${this.#keyId}.${sealed.toString('base64url')}`;
  }

  /** `undefined` where it was sealed with another key, in another context, or was damaged. */
  open(sealed: string, context: string): string | undefined {
    const [version, keyId, text = ''] = sealed.split('.');
    const bytes = Buffer.from(text, 'base64url');
    if (version !== 'v1' || keyId !== this.#keyId || bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#sealing, bytes.subarray(0, NONCE_BYTES));
      decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(-TAG_BYTES));
      return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      return undefined;
    }
  }

  /** A token that anybody can carry and nobody can make or change: JSON and its signature. */
  sign(value: unknown): string {
    const body = Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${body}.${this.#signatureOf(body).toString('base64url')}`;
  }

  /** What was signed, or `undefined`. */
  verify(token: string): unknown {
    const [body = '', signature = ''] = token.split('.');
    const given = Buffer.from(signature, 'base64url');
    const right = this.#signatureOf(body);
    if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
    return JSON.parse(Buffer.from(body, 'base64url').toString());
  }

  #signatureOf(body: string): Buffer {
    return createHmac('sha256', this.#signing).update(body).digest();
  }
}

function derive(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `system-service ${purpose}`, 32));
}
