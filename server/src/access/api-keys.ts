import { createHash, randomBytes } from 'node:crypto';
import type { Authenticator, Principal, Scope } from '../http/index.ts';
import { newId } from '../lib/id.ts';
import { invalid, notFound, ServiceError } from '../model/errors.ts';
import { type ControlStore, deleteApiKey, findApiKey, insertApiKey, listApiKeys } from '../stores/control/index.ts';

const SCOPES = ['ingest', 'read', 'write', 'admin'] as const satisfies readonly Scope[];
type KeyScope = (typeof SCOPES)[number];

/** Secrets are 256 random bits: a fast hash keeps them as safe as a slow one would. */
function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

export interface KeyDescription {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAt: number;
}

/** The keys that are kept in the control store; only their hashes are. */
export class ApiKeys {
  readonly #store: ControlStore;

  constructor(store: ControlStore) {
    this.#store = store;
  }

  /**
   * Makes a key and returns its secret, which cannot be had again.
   *
   * @throws ServiceError `invalid` for an unknown scope or an empty name, `conflict` where the name is taken.
   */
  async create(name: string, scopes: readonly string[], now: number): Promise<string> {
    if (name.trim() === '') throw invalid({ path: 'name', message: 'give the key a name' });
    const unknown = scopes.filter((scope) => !SCOPES.includes(scope as KeyScope));
    if (unknown.length > 0 || scopes.length === 0) {
      throw invalid({ path: 'scope', message: `use one or more of ${SCOPES.join(', ')}` });
    }
    if ((await this.list()).some((key) => key.name === name)) {
      throw new ServiceError('conflict', `there is a key named "${name}" already`);
    }
    const secret = `ssk_${randomBytes(32).toString('base64url')}`;
    await insertApiKey(this.#store.db, {
      id: newId(),
      name,
      scopes: scopes.join(','),
      secret_hash: hashSecret(secret),
      created_at: now,
    });
    return secret;
  }

  async list(): Promise<KeyDescription[]> {
    const keys = await listApiKeys(this.#store.db);
    return keys.map((key) => ({ name: key.name, scopes: key.scopes.split(','), createdAt: key.created_at }));
  }

  /** @throws ServiceError `not_found`. */
  async delete(name: string): Promise<void> {
    if (!(await deleteApiKey(this.#store.db, name))) throw notFound(`there is no key named "${name}"`);
  }

  async find(secret: string): Promise<Principal | undefined> {
    const key = await findApiKey(this.#store.db, hashSecret(secret));
    return key && { name: key.name, scopes: new Set(key.scopes.split(',') as KeyScope[]) };
  }
}

export interface AuthenticationOptions {
  readonly keys: ApiKeys;
  /** Keys of the configuration. */
  readonly configured: readonly { readonly name: string; readonly scope: KeyScope; readonly secret: string }[];
  readonly loopback: boolean;
  /** True: no credentials at all, as asked for in writing (`AUTH=off`). */
  readonly off: boolean;
}

/**
 * Decides who gets in. Without any key the service is open on a loopback address and does not start on another one.
 *
 * @throws ServiceError `invalid` where the service would stand open on a public address.
 */
export async function createAuthenticator(options: AuthenticationOptions): Promise<Authenticator> {
  const configured = new Map<string, Principal>(
    options.configured.map(({ name, scope, secret }) => [hashSecret(secret), { name, scopes: new Set([scope]) }]),
  );
  const hasKeys = configured.size > 0 || (await options.keys.list()).length > 0;
  if (!options.off && !hasKeys && !options.loopback) {
    throw new ServiceError(
      'invalid',
      'HOST is not a loopback address and there are no credentials: everybody could read and write everything. ' +
        'Make a key with "system-service keys create --name ann --scope admin" ("npm run keys -- create ..." in the source tree), or set API_KEYS, or write AUTH=off to go without',
    );
  }
  return {
    open: options.off || !hasKeys,
    authenticate: async (token) => configured.get(hashSecret(token)) ?? options.keys.find(token),
  };
}
