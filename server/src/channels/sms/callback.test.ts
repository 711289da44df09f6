import { describe, expect, it } from 'vitest';
import { isSignedByTwilio } from './callback.ts';

/** The example of https://www.twilio.com/docs/usage/security, which Twilio's own libraries test themselves with. */
const FIELDS = {
  CallSid: 'CA1234567890ABCDE',
  Caller: '+14158675309',
  Digits: '1234',
  From: '+14158675309',
  To: '+18005551212',
};
const URL = 'https://mycompany.com/myapp.php?foo=1&bar=2';
const SIGNATURE = 'RSOYDt4T1cUTdK1PDd93/VVr8B8=';

describe('isSignedByTwilio', () => {
  it('accepts the documented example, however the port is written', () => {
    expect(isSignedByTwilio('12345', [URL], FIELDS, SIGNATURE)).toBe(true);
    expect(isSignedByTwilio('12345', [URL.replace('.com', '.com:443')], FIELDS, SIGNATURE)).toBe(true);
    expect(isSignedByTwilio('12345', ['http://10.0.0.7:8013/myapp.php', URL], FIELDS, SIGNATURE)).toBe(true);
  });

  it.each([
    ['another token', '1234', [URL], FIELDS, SIGNATURE],
    ['another path', '12345', ['https://mycompany.com/other'], FIELDS, SIGNATURE],
    ['another scheme', '12345', [URL.replace('https', 'http')], FIELDS, SIGNATURE],
    ['a changed field', '12345', [URL], { ...FIELDS, Digits: '1235' }, SIGNATURE],
    ['a field more', '12345', [URL], { ...FIELDS, More: '' }, SIGNATURE],
    ['no signature', '12345', [URL], FIELDS, ''],
  ])('refuses %s', (_name, token, urls, fields, signature) => {
    expect(isSignedByTwilio(token, urls, fields, signature)).toBe(false);
  });

  it('agrees with the signatures of the library of Twilio, version 5.13.1', () => {
    const url = 'https://hub.example.org/api/notifications/callbacks/twilio/sms';
    const fields = {
      ...{ MessageSid: 'SM00000000000000000000000000000001', SmsSid: 'SM00000000000000000000000000000001' },
      ...{ MessageStatus: 'delivered', SmsStatus: 'delivered', To: '+33612345678', From: '+15005550006' },
      ...{ AccountSid: 'AC00000000000000000000000000000001', ApiVersion: '2010-04-01' },
      ...{ RawDlrDoneDate: '2601051203', ErrorMessage: 'é & = ok' },
    };
    expect(isSignedByTwilio('12345', [url], fields, 'mAHt7ZnL+3Rtaei7eaK+nYxGrvM=')).toBe(true);
    const withPort = url.replace('.org', '.org:8443');
    expect(isSignedByTwilio('12345', [withPort], fields, 'V+wuROZ9oeVfZVXvxL0SIH+4TK4=')).toBe(true);
    expect(isSignedByTwilio('12345', [url], fields, 'V+wuROZ9oeVfZVXvxL0SIH+4TK4=')).toBe(false);
  });
});
