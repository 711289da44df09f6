import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

export function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family === 0 ? host === 'localhost' : loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/** `http://localhost:8013` for loopback, else with the address itself. */
export function urlOf(host: string, port: number, basePath: string): string {
  const name =
    isLoopback(host) || host === '0.0.0.0' || host === '::' ? 'localhost' : isIP(host) === 6 ? `[${host}]` : host;
  return `http://${name}:${port}${basePath}`;
}

/**
 * The names under which requests may come to a service that asks for no credentials; elsewhere any, since credentials
 * guard the door.
 */
export function allowedHosts(isOpen: boolean, publicUrl: string | undefined): ReadonlySet<string> | undefined {
  if (!isOpen) return undefined;
  return new Set(publicUrl === undefined ? [] : [new URL(publicUrl).hostname.toLowerCase()]);
}
