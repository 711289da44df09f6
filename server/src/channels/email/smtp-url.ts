import { isIP } from 'node:net';

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. */
  readonly secure: boolean;
  /** Refuse to go on without STARTTLS. */
  readonly requireTls: boolean;
  /** Use STARTTLS where it is offered. */
  readonly allowTls: boolean;
  readonly auth: { readonly user: string; readonly pass: string } | undefined;
}

/**
 * `smtp://user:pass@host:587` or `smtps://...`. Passwords travel under TLS only, except to this machine;
 * `?tls=required`, `opportunistic` or `off` decides otherwise. Throws where the URL is none of these.
 */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^smtps?:$/.test(url.protocol) || url.hostname === '') {
    throw new Error('SMTP_URL is smtp://user:password@host:587 or smtps://user:password@host:465');
  }
  const secure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? (secure ? 465 : 587) : Number(url.port);
  const user = decodeURIComponent(url.username);
  const auth = user === '' ? undefined : { user, pass: decodeURIComponent(url.password) };
  const tls = url.searchParams.get('tls') ?? defaultTls(host, port, auth !== undefined);
  if (!['required', 'opportunistic', 'off'].includes(tls)) {
    throw new Error('SMTP_URL: tls is required, opportunistic or off');
  }
  return { host, port, secure, requireTls: !secure && tls === 'required', allowTls: tls !== 'off', auth };
}

function defaultTls(host: string, port: number, credentials: boolean): string {
  if (isLoopback(host)) return 'opportunistic';
  return credentials || port === 587 ? 'required' : 'opportunistic';
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
