import { cardNumber, email, keyWord, type SecretPattern, secretPattern } from './secret-pattern.ts';

interface Preset {
  /** Globs of keys, in lower case, whose whole values are secret. */
  readonly keys: readonly string[];
  /** What is secret in any other text. */
  readonly values: readonly SecretPattern[];
}

const authorization: Preset = {
  keys: ['*authorization', '*authorization.*', 'cookie', '*.cookie', '*set-cookie', '*set_cookie'],
  values: [
    // "Bearer <token>", "Basic <base64>"
    secretPattern(/(?<=\b(?:bearer|basic|digest) {1,8})[\w.~+/=-]{8,8192}/gi, [
      'earer',
      'EARER',
      'asic',
      'ASIC',
      'igest',
    ]),
  ],
};

const passwords: Preset = {
  keys: ['*password*', '*passwd*', '*passphrase*', '*.pwd', 'pwd'],
  values: [
    keyWord('password|passwd|passphrase|pwd', ['assw', 'ASSW', 'assphrase', 'pwd', 'PWD']),
    // The user information of a URL.
    secretPattern(/(?<=:\/\/[^\s:@/]{0,256}:)[^\s@/]{1,256}(?=@)/g, ['://']),
  ],
};

const tokens: Preset = {
  keys: [
    '*token',
    '*api_key',
    '*api-key',
    '*apikey',
    '*secret',
    '*secret_key',
    '*access_key',
    '*access_key_id',
    '*private_key',
    '*signing_key',
  ],
  values: [
    keyWord('(?:access_|refresh_|id_|auth_|session_)?token|api[_-]?key|(?:client_)?secret|private_key|access_key', [
      'oken',
      'OKEN',
      'key',
      'KEY',
      'Key',
      'ecret',
      'ECRET',
    ]),
    // JSON Web Tokens.
    secretPattern(/\beyJ[\w-]{5,4096}\.eyJ[\w-]{5,8192}\.[\w-]{0,2048}/g, ['eyJ']),
    // Key ids of AWS.
    secretPattern(/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, ['AKIA', 'ASIA']),
    // GitHub, GitLab, Slack, Stripe and the like: a prefix that says what it is.
    secretPattern(/\b(?:gh[opsur]_|github_pat_|glpat-|xox[abeoprs]-|sk_live_|rk_live_|sk-)[\w-]{16,255}/g, [
      'gh',
      'glpat-',
      'xox',
      'k_live_',
      'sk-',
    ]),
    secretPattern(
      /-----BEGIN [A-Z ]{0,32}PRIVATE KEY-----[\w\s+/=]{0,16384}(?:-----END [A-Z ]{0,32}PRIVATE KEY-----)?/g,
      ['PRIVATE KEY-----'],
    ),
  ],
};

/** What the configuration may name instead of writing patterns. */
export const PRESETS = {
  authorization,
  passwords,
  tokens,
  emails: { keys: [], values: [email] },
  card_numbers: { keys: [], values: [cardNumber] },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof PRESETS;
