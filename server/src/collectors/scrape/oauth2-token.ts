import type { OAuth2Options, Secret } from './http-options.ts';

/** The answer to a form that was posted. */
type PostForm = (
  url: string,
  form: URLSearchParams,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<{ readonly status: number; readonly text: string }>;

/** Asked for anew so long before it ends, milliseconds. */
const EARLY_MS = 10_000;

/**
 * A token for client credentials, kept until shortly before it ends. Servers differ in where they look for the
 * credentials: they go as a header, and where that is refused in the form.
 * https://datatracker.ietf.org/doc/html/rfc6749#section-4.4
 */
export class OAuth2Token {
  readonly #options: OAuth2Options;
  readonly #read: (secret: Secret) => Promise<string>;
  readonly #post: PostForm;
  #known: { readonly header: string; readonly secret: string; readonly until: number } | undefined;
  #inForm = false;
  /** One request for all who need a token at once. */
  #asking: Promise<string> | undefined;

  constructor(options: OAuth2Options, read: (secret: Secret) => Promise<string>, post: PostForm) {
    this.#options = options;
    this.#read = read;
    this.#post = post;
  }

  /** The value of the header `Authorization`. */
  async header(signal: AbortSignal): Promise<string> {
    const secret = await this.#read(this.#options.clientSecret);
    const known = this.#known;
    if (known && known.secret === secret && performance.now() < known.until) return known.header;
    this.#asking ??= this.#renew(secret, signal).finally(() => {
      this.#asking = undefined;
    });
    return await this.#asking;
  }

  async #renew(secret: string, signal: AbortSignal): Promise<string> {
    const answer = await this.#ask(secret, signal);
    this.#known = { ...answer, secret };
    return answer.header;
  }

  async #ask(secret: string, signal: AbortSignal): Promise<{ header: string; until: number }> {
    let answer = await this.#send(secret, this.#inForm, signal);
    if (!this.#inForm && (answer.status === 400 || answer.status === 401)) {
      answer = await this.#send(secret, true, signal);
      this.#inForm = answer.status === 200;
    }
    const token = answer.status === 200 ? parseToken(answer.text) : undefined;
    if (!token) throw new Error(`the server of tokens answered with ${answer.status} and without an access_token`);
    const seconds = Number(token.expires_in);
    const until = seconds > 0 ? performance.now() + seconds * 1000 - EARLY_MS : Number.POSITIVE_INFINITY;
    const type = /^bearer$/i.test(token.token_type ?? 'bearer') ? 'Bearer' : token.token_type;
    return { header: `${type} ${token.access_token}`, until };
  }

  #send(secret: string, inForm: boolean, signal: AbortSignal) {
    const { clientId, tokenUrl, scopes, endpointParams } = this.#options;
    const form = new URLSearchParams({ grant_type: 'client_credentials', ...endpointParams });
    if (scopes.length > 0) form.set('scope', scopes.join(' '));
    if (inForm) {
      form.set('client_id', clientId);
      form.set('client_secret', secret);
      return this.#post(tokenUrl, form, {}, signal);
    }
    const pair = `${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`;
    return this.#post(tokenUrl, form, { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }, signal);
  }
}

interface TokenAnswer {
  readonly access_token: string;
  readonly token_type?: string;
  readonly expires_in?: number | string;
}

function parseToken(text: string): TokenAnswer | undefined {
  try {
    const answer = JSON.parse(text) as Partial<TokenAnswer> | null;
    return typeof answer?.access_token === 'string' ? (answer as TokenAnswer) : undefined;
  } catch {
    return undefined;
  }
}
