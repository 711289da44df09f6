import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChannels } from '../../server/src/channels/index.ts';
import { systemClock } from '../../server/src/model/clock.ts';
import { channelMessage } from '../support/channel-message.ts';
import { eventually } from '../support/eventually.ts';
import { missingPostfix, type Postfix, startPostfix } from '../support/postfix.ts';

const missing = missingPostfix();
if (missing !== undefined) {
  if (process.env.CI === 'true') throw new Error(`${missing}: the tests of real mail cannot run`);
  process.stderr.write(`SKIPPED: ${missing}: the tests of real mail\n`);
}

describe.skipIf(missing !== undefined)('mail by a real postfix', () => {
  let postfix: Postfix;
  let channels: ReturnType<typeof createChannels>;

  beforeAll(async () => {
    postfix = await startPostfix();
    const smtp = { url: postfix.url, from: 'System Service <alerts@example.test>' };
    channels = createChannels({ smtp, webhookAllowList: [] }, systemClock);
  });

  afterAll(async () => {
    await channels?.close();
    postfix?.stop();
  });

  const send = (part: Parameters<typeof channelMessage>[0], to = 'ann@example.test') =>
    channels.byName.email.send(channelMessage(part), to, AbortSignal.timeout(30_000));

  it('arrives valid, in one thread, with a way out where there is one', async () => {
    const text = 'Grüße aus Łódź: CPU at 93 % 🔥\nA line that is rather long. '.repeat(20);
    expect(await send({ deliveryId: 'one', message: text })).toMatchObject({ outcome: 'sent' });
    await send({ deliveryId: 'two', startsThread: false, good: true, mailSubject: 'Alert: Prüfung' });
    const unsubscribeUrl = 'https://status.example.org/api/notifications/unsubscribe/token';
    await send({ deliveryId: 'three', episodeId: undefined, unsubscribeUrl }, 'ann@example.test,bob@example.test');
    await eventually(async () => expect(await postfix.mails()).toHaveLength(4));
    const mails = await postfix.mails();
    const by = (id: string) => mails.filter(({ mail }) => mail.messageId === `<${id}@example.test>`);
    const [first] = by('episode-e1');
    const [reply] = by('two');
    expect(first!.mail.text).toContain('Grüße aus Łódź: CPU at 93 % 🔥');
    expect(first!.mail.html).toContain('Grüße aus Łódź');
    expect(reply!.mail).toMatchObject({ inReplyTo: first!.mail.messageId, references: first!.mail.messageId });
    expect(reply!.mail.subject).toBe('Re: Alert: Prüfung');
    expect(by('three')).toHaveLength(2);
    expect(by('three')[0]!.raw).toMatch(/^List-Unsubscribe-Post: List-Unsubscribe=One-Click$/m);
    expect(first!.raw).not.toMatch(/^List-Unsubscribe/m);
    for (const { raw } of mails) {
      // RFC 5322, 2.1.1, and seven bits all the way.
      for (const line of raw.split('\n')) expect(line.length).toBeLessThanOrEqual(998);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what may stand in a mail of seven bits
      expect(raw).toMatch(/^[\x00-\x7f]*$/);
      expect(raw).toMatch(/^Auto-Submitted: auto-generated$/m);
    }
  });

  it('is refused at once where the server refuses it', async () => {
    expect(await send({}, 'gone@example.test')).toMatchObject({ outcome: 'failed', reason: 'address_rejected' });
    // The error transport says at the door that nothing leaves this machine.
    expect(await send({}, 'ann@elsewhere.test')).toMatchObject({ outcome: 'failed' });
  });
});
