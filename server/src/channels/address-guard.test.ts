import { describe, expect, it } from 'vitest';
import { AddressGuard } from './address-guard.ts';

const guard = new AddressGuard([]);

describe('AddressGuard', () => {
  it.each([
    // This host and its networks.
    'http://127.0.0.1/',
    'http://127.1/',
    'http://127.255.255.254/',
    'http://0.0.0.0/',
    'http://0/',
    'http://10.1.2.3/',
    'http://172.16.0.1/',
    'http://172.31.255.255/',
    'http://192.168.1.1/',
    'http://100.64.0.1/',
    // Metadata services of clouds.
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/',
    // Other spellings of 127.0.0.1 and 169.254.169.254.
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://0x7f.1/',
    'http://2852039166/',
    'http://①②⑦.0.0.1/',
    // Special ranges.
    'http://192.0.0.8/',
    'http://192.0.2.1/',
    'http://198.18.0.1/',
    'http://198.51.100.1/',
    'http://203.0.113.1/',
    'http://224.0.0.1/',
    'http://240.0.0.1/',
    'http://255.255.255.255/',
    // IPv6, and IPv4 within it.
    'http://[::]/',
    'http://[::1]/',
    'http://[fc00::1]/',
    'http://[fe80::1]/',
    'http://[ff02::1]/',
    'http://[fec0::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[2001:0:7f00:1::]/',
    'http://[2001:db8::1]/',
    'http://[100::1]/',
    // Names of the inside.
    'http://localhost/',
    'http://LOCALHOST:8013/',
    'http://localhost./',
    'http://x.localhost/',
    'http://printer.local/',
    'http://metadata.google.internal/',
    'http://relay/',
    'http://metadata.google.internal./',
    // Other protocols and other services' ports.
    'ftp://example.org/',
    'file:///etc/passwd',
    'gopher://example.org/',
    'http://example.org:22/',
    'https://example.org:25/',
    'http://93.184.216.34:25/',
  ])('refuses %s', (url) => {
    expect(guard.refuseUrl(new URL(url))).toEqual(expect.any(String));
  });

  it.each([
    'https://example.org/hook',
    'http://example.org/',
    'https://example.org:8443/',
    'http://93.184.216.34/',
    'http://[2606:2800:220:1:248:1893:25c8:1946]/',
    'http://[::ffff:93.184.216.34]/',
  ])('lets %s through', (url) => {
    expect(guard.refuseUrl(new URL(url))).toBeUndefined();
  });

  it.each([
    // One of each network, its first and its last address: what a name may be answered with.
    ...['0.0.0.0', '0.255.255.255', '10.0.0.0', '10.255.255.255', '100.64.0.0', '100.127.255.255'],
    ...['127.0.0.1', '127.255.255.255', '169.254.0.1', '169.254.169.254', '172.16.0.0', '172.31.255.255'],
    ...['192.0.0.1', '192.0.0.255', '192.0.2.1', '192.88.99.1', '192.168.0.0', '192.168.255.255'],
    ...['198.18.0.0', '198.19.255.255', '198.51.100.1', '203.0.113.1'],
    ...['224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255'],
    ...['::', '::1', 'fc00::1', 'fdff:ffff::1', 'fe80::1', 'febf::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1'],
    // IPv4 within IPv6: mapped, translated, compatible, NAT64, 6to4, Teredo.
    ...['::ffff:10.0.0.1', '::ffff:7f00:1', '::ffff:0:127.0.0.1', '::127.0.0.1', '::7f00:1'],
    ...['64:ff9b::a00:1', '64:ff9b:1::a00:1', '2002:a00:1::', '2002:7f00:1::1', '2001:0:7f00:1::'],
    ...['100::1', '2001:db8::1', '2001:10::1', '3fff::1', '5f00::1', '4000::1'],
    // No addresses at all.
    ...['nonsense', '', '127.1', '0x7f.0.0.1', '2130706433'],
  ])('refuses the looked-up address %s', (address) => {
    expect(guard.refuseAddress(address)).toEqual(expect.any(String));
  });

  it('opens exactly what the allow-list names', () => {
    const opened = new AddressGuard([
      '10.1.0.0/16',
      'relay.corp',
      'board:9000',
      '192.168.1.7',
      'fd00::/64',
      '[::1]:9000',
    ]);
    const refused = (url: string) => opened.refuseUrl(new URL(url)) !== undefined;
    expect(refused('http://10.1.200.3:25/')).toBe(false);
    expect(refused('http://[::ffff:10.1.0.1]/')).toBe(false);
    expect(refused('http://10.2.0.1/')).toBe(true);
    expect(refused('http://192.168.1.7/')).toBe(false);
    expect(refused('http://192.168.1.8/')).toBe(true);
    expect(refused('http://[fd00::9]/')).toBe(false);
    expect(refused('http://[fd00:0:0:1::9]/')).toBe(true);
    expect(refused('http://relay.corp:1234/')).toBe(false);
    expect(refused('http://x.relay.corp.internal/')).toBe(true);
    expect(refused('http://board:9000/')).toBe(false);
    expect(refused('http://board:9001/')).toBe(true);
    expect(refused('http://[::1]:9000/')).toBe(false);
    expect(refused('http://[::1]:9001/')).toBe(true);
    expect(refused('http://localhost/')).toBe(true);
    expect(opened.refuseAddress('10.1.2.3')).toBeUndefined();
  });
});
