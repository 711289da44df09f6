import type { SendMailOptions } from 'nodemailer';
import type MailMessage from 'nodemailer/lib/mailer/mail-message.js';
import type { Channel, ChannelMessage, DeliveryOutcome } from '../channel.ts';
import { composeMail, type Sender } from './compose.ts';
import { outcomeOfSmtpError } from './smtp-outcome.ts';
import { parseSmtpUrl, type SmtpServer } from './smtp-url.ts';

export interface EmailOptions {
  readonly url: string;
  /** `alerts@example.org` or `System Service <alerts@example.org>`. */
  readonly from: string;
}

/** One address: RFC 5321's lengths, no lists, no display names, nothing that could end a header or a command. */
const ADDRESS = /^[^\s@<>(),;:\\"[\]]{1,64}@[A-Za-z0-9\u0080-\u{10ffff}](?:[A-Za-z0-9.\-\u0080-\u{10ffff}]{0,252})$/u;

/** Mail by SMTP over a small pool of connections. */
export class EmailChannel implements Channel {
  readonly hasDefault = false;
  // Receivers recognise a Message-ID at best, mail servers never: a repetition may be seen twice.
  readonly deduplicates = false;
  readonly timeoutMs = 45_000;
  readonly paceMs = 0;
  readonly #server: SmtpServer | undefined;
  readonly #sender: Sender;
  #transport: ReturnType<typeof openTransport> | undefined;

  constructor(options: EmailOptions | undefined) {
    this.#server = options && parseSmtpUrl(options.url);
    this.#sender = { from: options?.from ?? '', domain: domainOf(options?.from ?? '') };
  }

  unavailable(): string | undefined {
    return this.#server ? undefined : 'set SMTP_URL and SMTP_FROM';
  }

  checkAddress(address: string): string | undefined {
    return ADDRESS.test(address) ? undefined : 'is not an e-mail address';
  }

  describe(address: string): string {
    return address;
  }

  endpoint(): string {
    return 'smtp';
  }

  async send(message: ChannelMessage, address: string, signal: AbortSignal): Promise<DeliveryOutcome> {
    const progress: MailProgress = { isWhole: false, signal };
    try {
      const mail = composeMail(message, address, this.#sender);
      this.#transport ??= openTransport(this.#server!);
      const info = await (await this.#transport).sendMail({ ...mail, signal, progress } as SendMailOptions);
      return { outcome: 'sent', detail: oneLine(info.response), providerId: mail.messageId! };
    } catch (error) {
      if (signal.aborted) {
        const detail = 'the mail server did not take the mail in time';
        return { outcome: 'retry', reason: 'timeout', detail, mayHaveArrived: progress.isWhole };
      }
      return outcomeOfSmtpError(error, progress.isWhole);
    }
  }

  async close(): Promise<void> {
    (await this.#transport)?.close();
  }
}

/** How far a mail has got: a server that has not heard its end has no mail. */
interface MailProgress {
  isWhole: boolean;
  /** What breaks it off; the rest of the mail is then read by nobody who sends it. */
  readonly signal: AbortSignal;
}

/** Notes when the last byte of a mail is handed to the connection. */
function watchProgress(mail: MailMessage, done: (error?: Error) => void): void {
  const { progress } = mail.data as { progress?: MailProgress };
  if (progress) {
    mail.message.processFunc((stream) =>
      // Read by the connection, once the server has asked for it.
      stream.once('end', () => {
        progress.isWhole = !progress.signal.aborted;
      }),
    );
  }
  done();
}

/** The mailer is loaded with the first mail: most services idle without one. */
async function openTransport(server: SmtpServer) {
  const { createTransport } = await import('nodemailer');
  const verified = server.secure || server.requireTls;
  const transport = createTransport({
    pool: true,
    host: server.host,
    port: server.port,
    secure: server.secure,
    requireTLS: server.requireTls,
    ignoreTLS: !server.allowTls,
    // Where plain text would do as well, an unverified certificate is no step back.
    tls: { rejectUnauthorized: verified },
    ...(server.auth && { auth: server.auth }),
    maxConnections: 3,
    // A connection that the server had closed meanwhile is replaced once; every other repetition is the outbox's.
    maxRequeues: 1,
    idleTimeout: 30_000,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
  });
  transport.use('stream', watchProgress);
  return transport;
}

function domainOf(from: string): string {
  return /@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? 'system-service.invalid';
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 300);
}
