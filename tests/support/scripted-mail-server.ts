import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** How a step of the dialogue ends; left out: well. */
export interface SmtpScript {
  /** Refuses a recipient: `450 4.2.0 try again`. */
  readonly recipient?: (address: string) => string | undefined;
  /** Refuses a mail after its last byte. */
  readonly data?: (mail: ParsedMail) => string | undefined | Promise<string | undefined>;
  /** Refuses a client at once. */
  readonly connection?: () => string | undefined;
  readonly server?: SMTPServerOptions;
}

export interface ReceivedMail extends ParsedMail {
  /** Addresses of the envelope. */
  readonly recipients: readonly string[];
  readonly raw: string;
}

/** A real SMTP server on a free port that keeps and parses what it gets, and refuses as scripted. */
export class ScriptedMailServer {
  readonly mails: ReceivedMail[] = [];
  script: SmtpScript;
  readonly #server: SMTPServer;

  private constructor(script: SmtpScript) {
    this.script = script;
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      disableReverseLookup: true,
      closeTimeout: 50,
      onConnect: (_session, done) => done(toError(this.script.connection?.())),
      onRcptTo: ({ address }, _session, done) => done(toError(this.script.recipient?.(address))),
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', async () => {
          const raw = Buffer.concat(chunks);
          const mail = await simpleParser(raw);
          const refusal = toError(await this.script.data?.(mail));
          if (refusal) return done(refusal);
          const recipients = session.envelope.rcptTo.map(({ address }) => address);
          this.mails.push({ ...mail, recipients, raw: raw.toString() });
          return done();
        });
      },
      ...script.server,
    });
    this.#server.on('error', () => {});
  }

  static async start(script: SmtpScript = {}, port = 0): Promise<ScriptedMailServer> {
    const server = new ScriptedMailServer(script);
    server.#server.listen(port, '127.0.0.1');
    await once(server.#server.server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  /** Breaks every connection off. */
  disconnectAll(): void {
    for (const connection of this.#server.connections) connection.close();
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

function toError(reply: string | undefined): Error | undefined {
  if (reply === undefined) return undefined;
  return Object.assign(new Error(reply.slice(4)), { responseCode: Number(reply.slice(0, 3)) });
}
