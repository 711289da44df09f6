import { isIP } from 'node:net';
import { parseDuration } from '../lib/duration.ts';

/** Turns the text of a setting into its value, or throws an `Error` that says what is expected. */
export type Parser<T> = (text: string) => T;

export const text: Parser<string> = (value) => value;

export const list: Parser<readonly string[]> = (value) =>
  value
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

/** `Name=value`, several with commas. */
export const headers: Parser<Readonly<Record<string, string>>> = (value) => {
  const pairs = list(value).map((item): [string, string] => {
    const [, name, text] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)=([\x20-\x7e]+)$/.exec(item) ?? [];
    if (name === undefined || text === undefined) throw new Error('use Name=value, several with commas');
    return [name, text];
  });
  return Object.fromEntries(pairs);
};

export function oneOf<const Words extends readonly string[]>(...words: Words): Parser<Words[number]> {
  return (value) => {
    if (words.includes(value)) return value;
    throw new Error(`use one of ${words.join(', ')}`);
  };
}

export const flag: Parser<boolean> = (value) => {
  if (value === 'true' || value === 'false') return value === 'true';
  throw new Error('use true or false');
};

export const host: Parser<string> = (value) => {
  const isName = /^[a-z\d]([a-z\d.-]*[a-z\d])?$/i.test(value) && !/^[\d.]+$/.test(value);
  if (isIP(value) !== 0 || isName) return value;
  throw new Error('use an address of this machine, such as 127.0.0.1, or its name');
};

/** `10.1.0.0/16`, `192.168.1.7`, `relay`, `relay.internal:9000`. */
export const networks: Parser<readonly string[]> = (value) =>
  list(value).map((entry) => {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address);
    const isNetwork =
      family !== 0 && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)));
    if (isNetwork || /^(?![\d.]+(:\d+)?$)[a-z\d]([a-z\d.-]*[a-z\d])?(:\d+)?$/i.test(entry) || isAddressAndPort(entry))
      return entry;
    throw new Error(`"${entry}" is no network (10.1.0.0/16), address or host`);
  });

function isAddressAndPort(entry: string): boolean {
  const match = /^\[?([^\]]+)\]?:\d+$/.exec(entry);
  return match !== null && isIP(match[1]!) !== 0;
}

export const addresses: Parser<readonly string[]> = (value) =>
  list(value).map((address) => {
    if (/^[^\s@]+@[^\s@]+$/.test(address)) return address;
    throw new Error(`"${address}" is no mail address`);
  });

export const port: Parser<number> = (value) => {
  const number = Number(value);
  if (/^\d+$/.test(value) && number <= 65_535) return number;
  throw new Error('use a port number from 0 to 65535');
};

/** Milliseconds of a duration of at least one hour: shorter retentions would delete what is being looked at. */
export const retention: Parser<number> = (value) => {
  const milliseconds = parseDuration(value);
  if (milliseconds !== undefined && milliseconds >= 3_600_000) return milliseconds;
  throw new Error('use a duration of at least 1h, such as 30d or 1y');
};

/** Milliseconds. */
export const duration: Parser<number> = (value) => {
  const milliseconds = parseDuration(value);
  if (milliseconds !== undefined && milliseconds > 0) return milliseconds;
  throw new Error('use a duration such as 30s, 10m or 2h');
};

export function whole(least: number): Parser<number> {
  return (value) => {
    const number = Number(value);
    if (/^\d+$/.test(value) && Number.isSafeInteger(number) && number >= least) return number;
    throw new Error(`use a whole number from ${least}`);
  };
}

/** Bytes of a size with a unit, in powers of two. */
export const size: Parser<number> = (value) => {
  const [, digits, unit = ''] = /^(\d{1,12}) ?([KMGT]?)i?B?$/i.exec(value) ?? [];
  if (digits !== undefined && Number(digits) > 0)
    return Number(digits) * 1024 ** ['', 'K', 'M', 'G', 'T'].indexOf(unit.toUpperCase());
  throw new Error('use a size such as 512KB or 10MB');
};

export const longSecret: Parser<string> = (value) => {
  if (value.length >= 16) return value;
  throw new Error('use 16 characters or more');
};

export function url(...protocols: readonly string[]): Parser<string> {
  return (value) => {
    const parsed = URL.canParse(value) ? new URL(value) : undefined;
    if (parsed && protocols.includes(parsed.protocol.slice(0, -1))) return value;
    throw new Error(`use a URL that starts with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}`);
  };
}

/** `http://host:8123/database`; the port is not left to guess, since ClickHouse's are not those of the web. */
export const clickHouseUrl: Parser<string> = (value) => {
  const isUrl = URL.canParse(value) && /^https?:\/\/([^/@]*@)?(\[[^\]]+\]|[^/:@]+):\d+(\/\w*)?$/.test(value);
  if (isUrl && isDecodable(value)) return value;
  throw new Error(
    'use http://host:8123/database or https://user:password@host:8443/database, with the port of the HTTP interface; ' +
      'write special characters of the password as %40 and so on',
  );
};

function isDecodable(value: string): boolean {
  try {
    return decodeURIComponent(value) !== '';
  } catch {
    return false;
  }
}

export const clusterName: Parser<string> = (value) => {
  if (/^[\w.-]+$/.test(value)) return value;
  throw new Error('use letters, digits, _, - and .');
};

/** One or more certificates. */
export const certificates: Parser<string> = (value) => {
  if (/-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----/.test(value)) return value;
  throw new Error('use PEM: lines from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----');
};

export const origins: Parser<readonly string[]> = (value) =>
  list(value).map((origin) => {
    if (URL.canParse(origin) && new URL(origin).origin === origin) return origin;
    throw new Error(`"${origin}" is no origin; use https://host or https://host:port, without a path`);
  });

export const basePath: Parser<string> = (value) => {
  if (/^\/([\w.~-]+(\/[\w.~-]+)*)?$/.test(value)) return value;
  throw new Error('use a path that starts with / and does not end with one, such as /monitoring');
};

/** Standard Webhooks: `whsec_` and 24 to 64 bytes in base64; several, separated by spaces, while one replaces another. */
export const webhookSecret: Parser<string> = (value) => {
  const isGood = value.split(' ').every((secret) => {
    const bytes = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ? Buffer.from(secret.slice(6), 'base64').length : 0;
    return bytes >= 24 && bytes <= 64;
  });
  if (isGood) return value;
  throw new Error('use whsec_ followed by 24 to 64 bytes in base64; several with spaces between them');
};

const KEY_SCOPES = ['ingest', 'read', 'write', 'admin'] as const;

export interface ConfiguredKey {
  readonly name: string;
  readonly scope: (typeof KEY_SCOPES)[number];
  readonly secret: string;
}

export const apiKeys: Parser<readonly ConfiguredKey[]> = (value) =>
  value
    .split(/[,\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry, index) => {
      const [name, scope, ...secret] = entry.split(':');
      const known = KEY_SCOPES.find((word) => word === scope);
      if (!name || !known || secret.length === 0) {
        throw new Error(`entry ${index + 1} is not name:scope:secret with a scope of ${KEY_SCOPES.join(', ')}`);
      }
      if (secret.join(':').length < 16) throw new Error(`the secret of "${name}" is shorter than 16 characters`);
      return { name, scope: known, secret: secret.join(':') };
    });
