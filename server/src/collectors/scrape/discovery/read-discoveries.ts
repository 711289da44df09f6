import type { ConfigMap } from '../../../lib/config-map.ts';
import { readHttpOptions } from '../http-options.ts';
import { type DiscoveryOptions, DNS_TYPES } from './discovery-options.ts';
import { readTargetGroup } from './target-group.ts';

/** What Prometheus finds targets by and we do not. */
const NOT_BUILT: readonly string[] = [
  'aws',
  'azure',
  'consul',
  'digitalocean',
  'dockerswarm',
  'ec2',
  'eureka',
  'gce',
  'hetzner',
  'ionos',
  'kubernetes',
  'kuma',
  'lightsail',
  'linode',
  'marathon',
  'nerve',
  'nomad',
  'openstack',
  'ovhcloud',
  'puppetdb',
  'scaleway',
  'serverset',
  'stackit',
  'triton',
  'uyuni',
  'vultr',
];

const FILE_PATTERN = /^[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)$/;

/** Where a job finds its targets. Mistakes go where the map collects them. */
export function readDiscoveries(map: ConfigMap): DiscoveryOptions[] {
  for (const kind of NOT_BUILT) {
    if (!map.has(`${kind}_sd_configs`)) continue;
    const instead = 'use file_sd_configs or http_sd_configs, fed by a program that knows the targets';
    map.fail(`${kind}_sd_configs`, `discovery by ${kind} is not supported; ${instead}`);
  }
  const groups = map.maps('static_configs')?.map((group) => readTargetGroup(group));
  return [
    ...(groups ? [{ kind: 'static', groups } as const] : []),
    ...(map.maps('file_sd_configs') ?? []).map(readFile),
    ...(map.maps('http_sd_configs') ?? []).map(readHttp),
    ...(map.maps('dns_sd_configs') ?? []).map(readDns),
    ...(map.maps('docker_sd_configs') ?? []).map(readDocker),
  ];
}

function readRefresh(map: ConfigMap, standardMs: number): number {
  const refresh = map.duration('refresh_interval');
  if (refresh === 0) map.fail('refresh_interval', 'use a duration above zero');
  return refresh || standardMs;
}

function readFile(map: ConfigMap): DiscoveryOptions {
  const files = map.texts('files') ?? [];
  if (files.length === 0) map.fail('files', 'name at least one file');
  for (const [index, file] of files.entries()) {
    if (FILE_PATTERN.test(file)) continue;
    map.fail(`files[${index}]`, `"${file}": use names that end in .json, .yml or .yaml, with * in the last part only`);
  }
  const options = { kind: 'file', files, refreshMs: readRefresh(map, 300_000) } as const;
  map.refuseOthers();
  return options;
}

function readHttp(map: ConfigMap): DiscoveryOptions {
  const url = map.text('url') ?? '';
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) {
    map.fail('url', 'use a URL that starts with http:// or https://');
  }
  const options = { kind: 'http', url, refreshMs: readRefresh(map, 60_000), http: readHttpOptions(map) } as const;
  map.refuseOthers();
  return options;
}

function readDns(map: ConfigMap): DiscoveryOptions {
  const names = map.texts('names') ?? [];
  if (names.length === 0) map.fail('names', 'name at least one domain');
  const word = map.text('type')?.toUpperCase();
  const type = DNS_TYPES.find((known) => known === (word ?? 'SRV'));
  if (!type) map.fail('type', `"${word}" is not known; use ${DNS_TYPES.join(', ')}`);
  const port = map.whole('port') ?? 0;
  if (type && type !== 'SRV' && port === 0) map.fail('port', `records of the type ${type} name no port: give one`);
  const options = { kind: 'dns', names, type: type ?? 'SRV', port, refreshMs: readRefresh(map, 30_000) } as const;
  map.refuseOthers();
  return options;
}

function readDocker(map: ConfigMap): DiscoveryOptions {
  const host = map.text('host') ?? '';
  if (!/^(unix:\/\/\/.|(tcp|https?):\/\/[^/])/.test(host)) {
    map.fail('host', 'use unix:///var/run/docker.sock, tcp://host:2375 or https://host:2376');
  }
  const filters: Record<string, string[]> = {};
  for (const filter of map.maps('filters') ?? []) {
    const name = filter.text('name') ?? '';
    const values = filter.texts('values') ?? [];
    if (name === '') filter.fail('name', 'give the name of a filter of the Docker API, such as label');
    if (values.length === 0) filter.fail('values', 'give at least one value');
    filters[name] = [...(filters[name] ?? []), ...values];
    filter.refuseOthers();
  }
  const options = {
    kind: 'docker',
    host,
    port: map.whole('port', 1) ?? 80,
    hostNetworkingHost: map.text('host_networking_host') ?? 'localhost',
    matchFirstNetwork: map.flag('match_first_network') ?? true,
    filters,
    refreshMs: readRefresh(map, 60_000),
    http: readHttpOptions(map),
  } as const;
  map.refuseOthers();
  return options;
}
