import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channelMessage } from '../../../../tests/support/channel-message.ts';
import { ScriptedMailServer, type SmtpScript } from '../../../../tests/support/scripted-mail-server.ts';
import { EmailChannel } from './index.ts';
import { outcomeOfSmtpError } from './smtp-outcome.ts';
import { parseSmtpUrl } from './smtp-url.ts';

const FROM = 'System Service <alerts@example.org>';
const signal = () => AbortSignal.timeout(20_000);

describe('EmailChannel', () => {
  let server: ScriptedMailServer;
  let channel: EmailChannel;

  beforeEach(async () => {
    server = await ScriptedMailServer.start();
    channel = new EmailChannel({ url: server.url, from: FROM });
  });

  afterEach(async () => {
    await channel.close();
    await server.stop();
  });

  async function send(part: Parameters<typeof channelMessage>[0] = {}, to = 'ann@example.org') {
    return channel.send(channelMessage(part), to, signal());
  }

  it('sends text and HTML that a parser reads back', async () => {
    expect(await send()).toMatchObject({ outcome: 'sent', detail: expect.stringMatching(/^250/) });
    const [mail] = server.mails;
    expect(mail).toMatchObject({
      subject: 'Alert: High CPU on data-processing',
      messageId: '<episode-e1@example.org>',
      date: new Date('2026-01-05T12:00:00.000Z'),
      from: { value: [{ name: 'System Service', address: 'alerts@example.org' }] },
      to: { value: [{ address: 'ann@example.org' }] },
    });
    expect(mail!.text).toBe(
      'CPU usage above 90%\n\nValue: 93.5 (> 90)\n\nOpen the alert: http://localhost:8013/alerts/r1\n\n--\n2026-01-05T12:00:00.000Z',
    );
    expect(mail!.html).toContain('93.5 (&#62; 90)');
    expect(mail!.html).toContain('href="http://localhost:8013/alerts/r1"');
    expect(mail!.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail!.headers.get('x-auto-response-suppress')).toBe('All');
  });

  it('keeps the mails of an episode in one thread', async () => {
    await send();
    await send({ startsThread: false, deliveryId: 'd2' });
    const [root, reply] = server.mails;
    expect(reply).toMatchObject({
      messageId: '<d2@example.org>',
      inReplyTo: root!.messageId,
      references: root!.messageId,
      subject: `Re: ${root!.subject}`,
    });
  });

  it('keeps the mails of an incident in one thread, whatever their episodes', async () => {
    await send({ incidentId: 'i1' });
    await send({ incidentId: 'i1', episodeId: 'e2', deliveryId: 'd2' });
    await send({ incidentId: 'i1', episodeId: 'e2', deliveryId: 'd3', startsThread: false });
    const [first, second, third] = server.mails;
    expect(first).toMatchObject({ references: '<incident-i1@example.org>' });
    expect(first!.inReplyTo).toBeUndefined();
    expect(second).toMatchObject({ references: '<incident-i1@example.org>' });
    expect(third!.references).toEqual(['<incident-i1@example.org>', second!.messageId]);
  });

  it('shows markup as text, and loads nothing from outside', async () => {
    const evil = '<img src=x onerror=alert(1)> & "quotes"';
    await send({ subject: evil, message: evil, facts: [{ name: evil, value: evil }] });
    const html = String(server.mails[0]!.html);
    expect(html).not.toContain('<img');
    expect(html.match(/&#60;img src=x onerror=alert\(1\)&#62;/g)).toHaveLength(5);
    expect(html).not.toMatch(/src=["']|url\(/);
  });

  it('lets no line break into the headers', async () => {
    await send({ mailSubject: 'one\r\nBcc: evil@example.org\r\n\r\nbody', notificationId: 'n\r\nX-Evil: 1' });
    const [mail] = server.mails;
    expect(mail!.subject).toBe('one Bcc: evil@example.org body');
    expect(mail!.bcc).toBeUndefined();
    expect(mail!.headers.has('x-evil')).toBe(false);
    expect(mail!.recipients).toEqual(['ann@example.org']);
  });

  it('carries every language', async () => {
    await send({ message: 'Température élevée: 93 °C 🔥', mailSubject: 'Überlast 温度' });
    expect(server.mails[0]).toMatchObject({ subject: 'Überlast 温度', text: expect.stringContaining('93 °C 🔥') });
  });

  it.each<[string, SmtpScript, object]>([
    ['greylisting', { recipient: () => '450 4.2.0 greylisted' }, { outcome: 'retry', reason: 'temporary_refusal' }],
    [
      'a full mailbox',
      { recipient: () => '552 5.2.2 mailbox full' },
      { outcome: 'retry', reason: 'temporary_refusal' },
    ],
    [
      'a mail that is too large',
      { data: () => '552 5.3.4 message too big' },
      { outcome: 'failed', reason: 'too_large' },
    ],
    ['a tired server', { data: () => '421 4.3.2 shutting down' }, { outcome: 'retry', reason: 'server_error' }],
    [
      'an error of the server',
      { data: () => '451 4.3.0 local error' },
      { outcome: 'retry', reason: 'temporary_refusal' },
    ],
    [
      'an unknown address',
      { recipient: () => '550 5.1.1 no such user' },
      { outcome: 'failed', reason: 'address_rejected' },
    ],
    ['content it does not like', { data: () => '554 5.7.1 spam' }, { outcome: 'failed', reason: 'rejected' }],
    ['a client it does not like', { connection: () => '554 go away' }, { outcome: 'retry', reason: 'server_error' }],
  ])('understands %s', async (_name, script, expected) => {
    server.script = script;
    expect(await send()).toMatchObject(expected);
    // The next mail is not harmed.
    server.script = {};
    expect(await send()).toMatchObject({ outcome: 'sent' });
  });

  it('tries again where the connection breaks during the mail, knowing that it may have arrived', async () => {
    server.script = {
      data: () => {
        server.disconnectAll();
        return new Promise(() => {});
      },
    };
    expect(await send()).toMatchObject({ outcome: 'retry', reason: 'connection', mayHaveArrived: true });
  });

  describe('where the server stops in the middle', () => {
    const STAGES = ['CONNECT', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'END'] as const;

    /** Speaks SMTP until a stage, where it does as told: nothing more, or the end of the connection, or a reply. */
    async function startUntil(stage: (typeof STAGES)[number], deed: 'silence' | 'drop' | string) {
      const reached: string[] = [];
      const sockets = new Set<Socket>();
      const raw = createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => {}).on('close', () => sockets.delete(socket));
        let inMail = false;
        let rest = '';
        const answer = (at: string, reply: string) => {
          reached.push(at);
          if (at !== stage) socket.write(`${reply}\r\n`);
          else if (deed === 'drop') socket.destroy();
          else if (deed !== 'silence') socket.write(`${deed}\r\n`);
        };
        answer('CONNECT', '220 here');
        socket.on('data', (chunk: Buffer) => {
          const lines = (rest + String(chunk)).split('\r\n');
          rest = lines.pop()!;
          for (const line of lines) {
            if (inMail && line !== '.') continue;
            const verb = inMail ? 'END' : line.split(/[ :]/)[0]!.toUpperCase();
            inMail = verb === 'DATA' && stage !== 'DATA';
            if (verb === 'QUIT' || verb === 'RSET') socket.write('250 ok\r\n');
            else answer(verb, verb === 'DATA' ? '354 go on' : '250 ok');
          }
        });
      }).listen(0, '127.0.0.1');
      await once(raw, 'listening');
      const other = new EmailChannel({ url: `smtp://127.0.0.1:${(raw.address() as AddressInfo).port}`, from: FROM });
      const stop = async () => {
        await other.close();
        for (const socket of sockets) socket.destroy();
        raw.close();
      };
      return { other, reached, stop };
    }

    it.each(STAGES)('breaks off at %s: a mail may have arrived only when its end was sent', async (stage) => {
      const { other, reached, stop } = await startUntil(stage, 'drop');
      const outcome = await other.send(channelMessage(), 'ann@example.org', signal());
      expect(outcome).toMatchObject({ outcome: 'retry', reason: 'connection', mayHaveArrived: stage === 'END' });
      // Once is not many times.
      expect(reached.filter((at) => at === stage).length).toBeLessThanOrEqual(stage === 'END' ? 1 : 2);
      await stop();
    });

    it.each(STAGES)('says nothing any more at %s', async (stage) => {
      const { other, stop } = await startUntil(stage, 'silence');
      const outcome = await other.send(channelMessage(), 'ann@example.org', AbortSignal.timeout(250));
      expect(outcome).toMatchObject({ outcome: 'retry', reason: 'timeout', mayHaveArrived: stage === 'END' });
      await stop();
    });

    it.each([
      ...STAGES.map((stage) => [stage, '421 4.3.2 shutting down', 'retry'] as const),
      ...(['MAIL', 'RCPT', 'DATA', 'END'] as const).flatMap((stage) => [
        [stage, '451 4.3.0 not now', 'retry'] as const,
        [stage, '554 5.7.1 not this', 'failed'] as const,
      ]),
    ])('answers at %s: %s', async (stage, reply, expected) => {
      const { other, stop } = await startUntil(stage, reply);
      const outcome = await other.send(channelMessage(), 'ann@example.org', signal());
      expect(outcome.outcome).toBe(expected);
      expect(outcome).not.toMatchObject({ mayHaveArrived: true });
      await stop();
    });
  });

  it('takes an encrypted connection where there is one, and only that where it has to', async () => {
    const secured: boolean[] = [];
    const tls = await ScriptedMailServer.start({
      server: {
        disabledCommands: [],
        onMailFrom: (_address, session, done) => {
          secured.push(session.secure);
          done();
        },
      },
    });
    const willing = new EmailChannel({ url: tls.url, from: FROM });
    expect(await willing.send(channelMessage(), 'ann@example.org', signal())).toMatchObject({ outcome: 'sent' });
    expect(secured).toEqual([true]);
    await willing.close();
    // The server's certificate is nobody's: where encryption is demanded, so is a name that can be checked.
    const strict = new EmailChannel({ url: `${tls.url}?tls=required`, from: FROM });
    const refused = await strict.send(channelMessage(), 'ann@example.org', signal());
    expect(refused).toMatchObject({ outcome: 'retry', reason: 'connection', endpoint: 'open' });
    expect(secured).toHaveLength(1);
    await strict.close();
    await tls.stop();
  });

  it('gives up waiting when told to', async () => {
    server.script = { data: () => new Promise(() => {}) };
    const outcome = await channel.send(channelMessage(), 'ann@example.org', AbortSignal.timeout(200));
    expect(outcome).toMatchObject({ outcome: 'retry', reason: 'timeout', mayHaveArrived: true });
  });

  it('knows that nothing arrived where nobody listens', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo;
    gone.close();
    const other = new EmailChannel({ url: `smtp://127.0.0.1:${port}`, from: FROM });
    const outcome = await other.send(channelMessage(), 'ann@example.org', signal());
    expect(outcome).toMatchObject({ outcome: 'retry', reason: 'connection', mayHaveArrived: false });
    await other.close();
  });

  it('opens the breaker for wrong credentials, and does not send them in the clear', async () => {
    const guarded = await ScriptedMailServer.start({
      server: {
        authOptional: false,
        onAuth: (_auth, _session, done) => done(new Error('wrong')),
        allowInsecureAuth: true,
      },
    });
    const wrong = new EmailChannel({ url: guarded.url.replace('//', '//user:secret@'), from: FROM });
    const outcome = await wrong.send(channelMessage(), 'ann@example.org', signal());
    expect(outcome).toMatchObject({ outcome: 'retry', reason: 'authentication', endpoint: 'open' });
    expect(JSON.stringify(outcome)).not.toContain('secret');
    await wrong.close();
    // To another host than this one: no TLS, no password.
    const strict = new EmailChannel({ url: `${guarded.url.replace('//', '//user:secret@')}?tls=required`, from: FROM });
    const refused = await strict.send(channelMessage(), 'ann@example.org', signal());
    expect(refused).toMatchObject({ outcome: 'retry', reason: 'connection', endpoint: 'open' });
    await strict.close();
    await guarded.stop();
  });

  it.each(['ann@example.org', 'a.b+c@sub.example.org', 'müller@bücher.example'])('takes the address %s', (address) => {
    expect(channel.checkAddress(address)).toBeUndefined();
  });

  it.each([
    '',
    'ann',
    '@example.org',
    'ann@',
    'a b@example.org',
    'a@b@c',
    'a@example.org,b@example.org',
    'Ann <ann@example.org>',
    'ann@example.org\r\nRCPT TO:<x@y>',
    'a@-x',
    `${'a'.repeat(65)}@example.org`,
  ])('refuses the address %j', (address) => {
    expect(channel.checkAddress(address)).toBe('is not an e-mail address');
  });
});

describe('parseSmtpUrl', () => {
  it.each([
    ['smtp://mail.example.org', { port: 587, secure: false, requireTls: true, allowTls: true, auth: undefined }],
    ['smtp://mail.example.org:25', { port: 25, requireTls: false, allowTls: true }],
    ['smtp://u%40x:p%3A@mail.example.org:25', { requireTls: true, auth: { user: 'u@x', pass: 'p:' } }],
    ['smtp://u:p@127.0.0.1:2525', { host: '127.0.0.1', requireTls: false, allowTls: true }],
    ['smtp://u:p@[::1]:2525', { host: '::1', requireTls: false }],
    ['smtps://mail.example.org', { port: 465, secure: true, requireTls: false }],
    ['smtp://mail.example.org?tls=off', { requireTls: false, allowTls: false }],
  ])('%s', (url, expected) => {
    expect(parseSmtpUrl(url)).toMatchObject(expected);
  });

  it.each(['mail.example.org', 'http://mail.example.org', 'smtp://mail.example.org?tls=maybe'])('refuses %s', (url) => {
    expect(() => parseSmtpUrl(url)).toThrow(/^SMTP_URL/);
  });
});

describe('outcomeOfSmtpError', () => {
  it.each([
    ['a mailbox over its quota by text', { responseCode: 550, response: '550 5.2.2 over quota' }, 'retry'],
    ['a policy refusal at RCPT', { responseCode: 550, response: '550 no', command: 'RCPT TO' }, 'failed'],
    ['an unknown name', { code: 'EDNS' }, 'retry'],
    ['a broken certificate', { code: 'ETLS', message: 'self-signed' }, 'retry'],
    ['a silent server', { code: 'ETIMEDOUT', message: 'Greeting never received' }, 'retry'],
    ['something else', new TypeError('x'), 'retry'],
  ])('%s', (_name, error, outcome) => {
    expect(outcomeOfSmtpError(error, false)).toMatchObject({ outcome });
  });
});
