import { isIPv6 } from 'node:net';
import type { HttpClient } from '../http-client.ts';
import type { DockerOptions } from './discovery-options.ts';
import { readJson } from './http-discovery.ts';
import type { TargetGroup } from './target-group.ts';

/** Where requests go: the host of `unix:` is its socket. */
export function dockerAddress(host: string): { readonly origin: string; readonly socketPath: string | undefined } {
  if (host.startsWith('unix://')) return { origin: 'http://docker', socketPath: host.slice('unix://'.length) };
  return { origin: host.replace(/^tcp:/, 'http:').replace(/\/$/, ''), socketPath: undefined };
}

interface Network {
  readonly NetworkID?: string;
  readonly IPAddress?: string;
}

interface Port {
  readonly IP?: string;
  readonly PrivatePort?: number;
  readonly PublicPort?: number;
  readonly Type?: string;
}

/** What of `/containers/json` is used: https://docs.docker.com/reference/api/engine/ */
interface Container {
  readonly Id?: string;
  readonly Names?: readonly string[];
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Ports?: readonly Port[] | null;
  readonly HostConfig?: { readonly NetworkMode?: string };
  readonly NetworkSettings?: { readonly Networks?: Readonly<Record<string, Network | null>> | null };
}

interface NetworkDescription {
  readonly Id?: string;
  readonly Name?: string;
  readonly Scope?: string;
  readonly Internal?: boolean;
  readonly Ingress?: boolean;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

type Networks = Readonly<Record<string, Network | null>>;

/** The running containers of an engine, one target for each of its networks and TCP ports. */
export async function listContainers(
  client: HttpClient,
  options: DockerOptions,
  signal: AbortSignal,
): Promise<TargetGroup[]> {
  const { origin } = dockerAddress(options.host);
  const ask = async (path: string) => {
    const headers = { accept: 'application/json', 'user-agent': 'system-service' };
    const answer = await client.get(
      origin + path,
      headers,
      AbortSignal.any([signal, AbortSignal.timeout(options.refreshMs)]),
    );
    if (answer.status !== 200) {
      answer.body.destroy();
      throw new Error(`the Docker engine answers ${answer.status} to ${path}`);
    }
    return await readJson(answer);
  };
  const api = await apiVersion(ask);
  const filters =
    Object.keys(options.filters).length > 0 ? `?filters=${encodeURIComponent(JSON.stringify(options.filters))}` : '';
  const containers = asList<Container>(await ask(`${api}/containers/json${filters}`));
  const networks = asList<NetworkDescription>(await ask(`${api}/networks`));
  const labelsOfNetwork = new Map(networks.map((network) => [network.Id ?? '', networkLabels(network)]));
  const byId = new Map(containers.map((container) => [container.Id ?? '', container]));
  const targets = containers.flatMap((container) => {
    if (!container.Names?.length) return [];
    const common = containerLabels(container);
    return networksOf(container, byId, options.matchFirstNetwork).flatMap((network) =>
      addressesOf(container, network, options).map((own) => ({
        ...common,
        ...labelsOfNetwork.get(network.NetworkID ?? ''),
        __meta_docker_network_ip: network.IPAddress ?? '',
        ...own,
      })),
    );
  });
  return [{ targets, labels: {} }];
}

/** Engines refuse versions that are too old as well as too new: their own is asked for. */
async function apiVersion(ask: (path: string) => Promise<unknown>): Promise<string> {
  const version = ((await ask('/version')) as { ApiVersion?: unknown }).ApiVersion;
  return typeof version === 'string' && version !== '' ? `/v${version}` : '';
}

function asList<T>(answer: unknown): readonly T[] {
  if (Array.isArray(answer)) return answer as T[];
  throw new Error('the Docker engine gives no list');
}

function containerLabels({ Id, Names, HostConfig, Labels }: Container): Record<string, string> {
  const labels: Record<string, string> = {
    __meta_docker_container_id: Id ?? '',
    __meta_docker_container_name: Names?.[0] ?? '',
    __meta_docker_container_network_mode: HostConfig?.NetworkMode ?? '',
  };
  for (const [name, value] of Object.entries(Labels ?? {})) {
    labels[`__meta_docker_container_label_${sanitised(name)}`] = value;
  }
  return labels;
}

function networkLabels(network: NetworkDescription): Record<string, string> {
  const labels: Record<string, string> = {
    __meta_docker_network_id: network.Id ?? '',
    __meta_docker_network_name: network.Name ?? '',
    __meta_docker_network_scope: network.Scope ?? '',
    __meta_docker_network_internal: String(network.Internal ?? false),
    __meta_docker_network_ingress: String(network.Ingress ?? false),
  };
  for (const [name, value] of Object.entries(network.Labels ?? {})) {
    labels[`__meta_docker_network_label_${sanitised(name)}`] = value;
  }
  return labels;
}

function sanitised(name: string): string {
  return name.replace(/[^a-zA-Z0-9_]/g, '_');
}

/** Of a container that shares another's network, those of the other. */
function networksOf(container: Container, byId: ReadonlyMap<string, Container>, firstOnly: boolean): Network[] {
  const seen = new Set<Container>();
  let owner: Container | undefined = container;
  let networks: Networks = {};
  while (owner && !seen.has(owner)) {
    seen.add(owner);
    networks = owner.NetworkSettings?.Networks ?? {};
    const shared: string | undefined = /^container:(.+)$/.exec(owner.HostConfig?.NetworkMode ?? '')?.[1];
    if (Object.keys(networks).length > 0 || shared === undefined) break;
    owner = byId.get(shared);
  }
  const sorted = Object.keys(networks)
    .sort()
    .flatMap((name) => networks[name] ?? []);
  return firstOnly ? sorted.slice(0, 1) : sorted;
}

function addressesOf(container: Container, network: Network, options: DockerOptions): Record<string, string>[] {
  const ip = network.IPAddress ?? '';
  const ports = (container.Ports ?? []).filter(({ Type }) => Type === 'tcp');
  if (ports.length > 0) {
    return ports.map(({ PrivatePort, PublicPort, IP }) => ({
      __address__: join(ip, PrivatePort ?? 0),
      __meta_docker_port_private: String(PrivatePort ?? 0),
      ...(PublicPort && { __meta_docker_port_public: String(PublicPort), __meta_docker_port_public_ip: IP ?? '' }),
    }));
  }
  const isHost = container.HostConfig?.NetworkMode === 'host';
  return [{ __address__: isHost ? options.hostNetworkingHost : join(ip, options.port) }];
}

function join(ip: string, port: number): string {
  return isIPv6(ip) ? `[${ip}]:${port}` : `${ip}:${port}`;
}
