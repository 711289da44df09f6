import type { HttpOptions } from '../http-options.ts';
import type { TargetGroup } from './target-group.ts';

/** Where a job finds its targets. */
export type DiscoveryOptions =
  | { readonly kind: 'static'; readonly groups: readonly TargetGroup[] }
  | { readonly kind: 'file'; readonly files: readonly string[]; readonly refreshMs: number }
  | { readonly kind: 'http'; readonly url: string; readonly refreshMs: number; readonly http: HttpOptions }
  | DnsOptions
  | DockerOptions;

export interface DnsOptions {
  readonly kind: 'dns';
  readonly names: readonly string[];
  readonly type: DnsType;
  /** Of addresses whose record has none. */
  readonly port: number;
  readonly refreshMs: number;
}

export const DNS_TYPES = ['SRV', 'A', 'AAAA', 'MX', 'NS'] as const;
export type DnsType = (typeof DNS_TYPES)[number];

export interface DockerOptions {
  readonly kind: 'docker';
  /** `unix:///var/run/docker.sock`, `tcp://host:2375`, `http://`, `https://`. */
  readonly host: string;
  /** Of containers that expose none. */
  readonly port: number;
  readonly hostNetworkingHost: string;
  readonly matchFirstNetwork: boolean;
  readonly filters: Readonly<Record<string, readonly string[]>>;
  readonly refreshMs: number;
  readonly http: HttpOptions;
}
