import type { Resolver } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import type { Labels } from '../../../model/labels.ts';
import type { DnsOptions, DnsType } from './discovery-options.ts';
import type { TargetGroup } from './target-group.ts';

/** The records of names as targets. A name that does not exist has none; rejects where the server does not answer. */
export async function resolveTargets(resolver: Resolver, options: DnsOptions): Promise<TargetGroup[]> {
  return await Promise.all(
    options.names.map(async (name) => {
      const found = await lookUp(resolver, name, options.type);
      const targets = found.map(({ host, port, labels }) => ({
        __address__: join(host, port ?? options.port),
        __meta_dns_name: name,
        __meta_dns_srv_record_target: '',
        __meta_dns_srv_record_port: '',
        __meta_dns_mx_record_target: '',
        __meta_dns_ns_record_target: '',
        ...labels,
      }));
      return { labels: {}, targets: targets.sort((a, b) => (a.__address__ < b.__address__ ? -1 : 1)) };
    }),
  );
}

interface Found {
  readonly host: string;
  readonly port?: number;
  readonly labels?: Labels;
}

async function lookUp(resolver: Resolver, name: string, type: DnsType): Promise<Found[]> {
  try {
    switch (type) {
      case 'A':
        return (await resolver.resolve4(name)).map((host) => ({ host }));
      case 'AAAA':
        return (await resolver.resolve6(name)).map((host) => ({ host }));
      case 'MX':
        return (await resolver.resolveMx(name)).map(({ exchange }) => ({
          host: exchange,
          labels: { __meta_dns_mx_record_target: rooted(exchange) },
        }));
      case 'NS':
        return (await resolver.resolveNs(name)).map((host) => ({
          host,
          labels: { __meta_dns_ns_record_target: rooted(host) },
        }));
      case 'SRV':
        return (await resolver.resolveSrv(name)).map(({ name: host, port }) => ({
          host,
          port,
          labels: { __meta_dns_srv_record_target: rooted(host), __meta_dns_srv_record_port: String(port) },
        }));
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
    throw new Error(`the name server does not answer for ${name} (${type}): ${code}`);
  }
}

/** With the dot at the end, as it stands in the record. */
function rooted(name: string): string {
  return name.endsWith('.') ? name : `${name}.`;
}

function join(host: string, port: number): string {
  const plain = host.replace(/\.$/, '');
  return isIPv6(plain) ? `[${plain}]:${port}` : `${plain}:${port}`;
}
