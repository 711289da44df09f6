export interface AccessTables {
  api_keys: ApiKeysTable;
}

export interface ApiKeysTable {
  id: string;
  name: string;
  /** Comma-separated. */
  scopes: string;
  /** SHA-256 of the secret, hex: the secrets are long and random, so that a slow hash would add nothing. */
  secret_hash: string;
  created_at: number;
}
