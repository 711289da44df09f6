import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Decides where outgoing requests may go. Addresses of ours, of our networks and of clouds' metadata services are
 * closed; an allow-list opens exactly what it names.
 */
export class AddressGuard {
  #networks: [ipaddr.IPv4 | ipaddr.IPv6, number][] = [];
  #hosts = new Set<string>();

  /** Entries: a network (`10.1.0.0/16`), an address, a host name (`relay.corp`), or one of these with a port (`relay:9000`, `[::1]:9000`). */
  constructor(allowList: readonly string[]) {
    this.open(allowList);
  }

  /** From now on exactly these are open. Entries as for the constructor. */
  open(allowList: readonly string[]): void {
    this.#networks = [];
    this.#hosts = new Set();
    for (const entry of allowList) {
      const network = parseNetwork(entry);
      if (network) this.#networks.push(network);
      else this.#hosts.add(entry.toLowerCase());
    }
  }

  /** Why this URL may not be asked, before its name is looked up; `undefined`: nothing against it so far. */
  refuseUrl(url: URL): string | undefined {
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return `${url.protocol} is not http or https`;
    if (this.allowsHost(url)) return undefined;
    const host = hostOf(url);
    if (isIP(host) !== 0) return this.refuseAddress(host) ?? refusePort(url, this.#opens(ipaddr.process(host)));
    const name = host.replace(/\.$/, '');
    if (name === 'localhost' || /\.(localhost|local|internal)$/.test(name) || !name.includes('.')) {
      return `${name} is a name of an internal host`;
    }
    return refusePort(url, false);
  }

  /** True where the allow-list names this host: then its addresses are not looked at. */
  allowsHost(url: URL): boolean {
    const host = url.hostname.toLowerCase();
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    return this.#hosts.has(host) || this.#hosts.has(`${host}:${port}`);
  }

  /** Why this literal address may not be connected to, or `undefined`. */
  refuseAddress(address: string): string | undefined {
    if (!ipaddr.isValid(address)) return `${address} is not an IP address`;
    const parsed = ipaddr.parse(address);
    // An IPv4 address in IPv6 clothes is judged as what it is.
    const inner = parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() ? parsed.toIPv4Address() : parsed;
    if (this.#opens(inner)) return undefined;
    const range = inner.range();
    // Beyond the ranges with a name, only 2000::/3 is public; ::127.0.0.1 and the like are not.
    if (range === 'unicast' && (inner instanceof ipaddr.IPv4 || (inner.parts[0]! & 0xe000) === 0x2000))
      return undefined;
    return `${address} is not a public address (${range})`;
  }

  #opens(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
    return this.#networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
  }
}

function parseNetwork(entry: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | undefined {
  if (ipaddr.isValidCIDR(entry)) return ipaddr.parseCIDR(entry);
  if (isIP(entry) === 0) return undefined;
  const address = ipaddr.parse(entry);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

/** Ports below 1024 other than the web's belong to mail servers, databases and the like. */
function refusePort(url: URL, opened: boolean): string | undefined {
  const port = Number(url.port);
  if (opened || url.port === '' || port >= 1024 || port === 80 || port === 443) return undefined;
  return `port ${port} is not one that webhooks listen on`;
}
