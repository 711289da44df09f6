import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** An authority's certificate, and a server's for 127.0.0.1 and localhost that it has signed. PEM. */
export interface TestCertificates {
  readonly authority: string;
  readonly key: string;
  readonly cert: string;
}

/** X.509 (RFC 5280) in as much DER as a handshake needs; P-256, valid for an hour around now. */
export function testCertificates(): TestCertificates {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const isAuthority = extension('551d13', sequence(Buffer.from('0101ff', 'hex')));
  const names = extension(
    '551d11',
    sequence(element(0x87, Buffer.from([127, 0, 0, 1])), element(0x82, Buffer.from('localhost'))),
  );
  return {
    authority: certificate('Test authority', authority.publicKey, authority.privateKey, isAuthority),
    key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: certificate('localhost', server.publicKey, authority.privateKey, names),
  };
}

const ECDSA_WITH_SHA256 = sequence(element(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
let serial = 0;

function certificate(subject: string, publicKey: KeyObject, issuer: KeyObject, extensionOf: Buffer): string {
  const version = element(0xa0, element(0x02, Buffer.from([2])));
  const content = sequence(
    version,
    element(0x02, Buffer.from([++serial])),
    ECDSA_WITH_SHA256,
    nameOf('Test authority'),
    sequence(time(-1), time(1)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(extensionOf)),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', content, issuer)]);
  const der = sequence(content, ECDSA_WITH_SHA256, element(0x03, signature));
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}

/** Tag, length, content. */
function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

function nameOf(commonName: string): Buffer {
  const value = sequence(element(0x06, Buffer.from('550403', 'hex')), element(0x0c, Buffer.from(commonName)));
  return sequence(element(0x31, value));
}

function extension(oid: string, value: Buffer): Buffer {
  return sequence(element(0x06, Buffer.from(oid, 'hex')), element(0x04, value));
}

/** Of now plus so many hours, as UTCTime. */
function time(hours: number): Buffer {
  const digits = new Date(Date.now() + hours * 3_600_000).toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return element(0x17, Buffer.from(`${digits}Z`));
}
