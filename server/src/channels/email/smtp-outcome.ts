import type { DeliveryOutcome } from '../channel.ts';

/** The parts of nodemailer's errors that say what happened. */
interface SmtpError {
  readonly code?: string;
  /** Of the system or of TLS, where `code` is nodemailer's. */
  readonly originalCode?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly command?: string;
  readonly message?: string;
}

/** Replies of the 5xx class that pass by themselves: mailbox full, too many messages. */
const TEMPORARY_5XX: ReadonlySet<number> = new Set([552]);

/** Node's codes of certificates that cannot be trusted. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/;

/**
 * `isWhole`: the server may have heard the end of the mail, so that it may have it although the connection broke.
 * RFC 5321 replies (and RFC 3463 codes in their texts) and broken connections as outcomes.
 */
export function outcomeOfSmtpError(thrown: unknown, isWhole: boolean): DeliveryOutcome {
  const error = thrown as SmtpError;
  const status = error.responseCode;
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})/.exec(error.response ?? '')?.[1] ?? '';
  if (error.code === 'EAUTH' || status === 535 || status === 530) {
    return { outcome: 'retry', reason: 'authentication', detail: reply(error), endpoint: 'open' };
  }
  if (error.code === 'ETLS' || CERTIFICATE.test(error.originalCode ?? ''))
    return { outcome: 'retry', reason: 'connection', detail: reply(error), endpoint: 'open' };
  if (status === undefined) return outcomeOfConnection(error, isWhole);
  // Refused before there was a mail: it is not the mail's fault.
  const early = /^(CONN|EHLO|HELO|STARTTLS)$/.test(error.command ?? '');
  if (status === 421 || early) return { outcome: 'retry', reason: 'server_error', detail: reply(error) };
  if (enhanced === '5.3.4') return { outcome: 'failed', reason: 'too_large', detail: reply(error) };
  if (status < 500 || TEMPORARY_5XX.has(status) || enhanced === '5.2.2') {
    return { outcome: 'retry', reason: 'temporary_refusal', detail: reply(error), endpoint: 'none' };
  }
  if (enhanced.startsWith('5.1.') || ((status === 550 || status === 553) && error.command === 'RCPT TO')) {
    return { outcome: 'failed', reason: 'address_rejected', detail: reply(error) };
  }
  return { outcome: 'failed', reason: 'rejected', detail: reply(error) };
}

function outcomeOfConnection(error: SmtpError, isWhole: boolean): DeliveryOutcome {
  if (error.code === 'EENVELOPE') return { outcome: 'failed', reason: 'address_rejected', detail: reply(error) };
  if (error.code === 'ETIMEDOUT') {
    return {
      outcome: 'retry',
      reason: 'timeout',
      detail: 'the mail server did not answer in time',
      mayHaveArrived: isWhole,
    };
  }
  return { outcome: 'retry', reason: 'connection', detail: reply(error), mayHaveArrived: isWhole };
}

/** The server's own words, on one line. */
function reply(error: SmtpError): string {
  const text = error.response ?? error.message ?? 'the connection broke';
  return text.replace(/\s+/g, ' ').slice(0, 300);
}
