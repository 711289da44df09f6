import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../../../../tests/support/eventually.ts';
import { type Podman, podmanMissing, startPodman } from '../../../../../tests/support/podman.ts';
import type { VirtualClock } from '../../../../../tests/support/virtual-clock.ts';
import { ConfigMap } from '../../../lib/config-map.ts';
import { systemClock } from '../../../model/clock.ts';
import type { Logger } from '../../../model/logger.ts';
import type { DiscoveryOptions } from './discovery-options.ts';
import { resolveTargets } from './dns-discovery.ts';
import { openDiscovery } from './open-discovery.ts';
import { readDiscoveries } from './read-discoveries.ts';
import type { TargetGroup } from './target-group.ts';

const missingPodman = await podmanMissing();
if (missingPodman !== undefined) process.stderr.write(`SKIPPED: Docker discovery: ${missingPodman}\n`);

let folder: string;
const warnings: object[] = [];
const note = (details: object) => void warnings.push(details);
const logger: Logger = { debug: note, info: () => {}, warn: note, error: note };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'discovery-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function optionsOf(config: object): DiscoveryOptions {
  const problems: object[] = [];
  const [options] = readDiscoveries(new ConfigMap(config, '', problems as []));
  expect(problems).toEqual([]);
  return options!;
}

/** Starts a discovery; what it told so far, the newest last. */
function discover(config: object, clock: VirtualClock | typeof systemClock = systemClock): (readonly TargetGroup[])[] {
  const told: (readonly TargetGroup[])[] = [];
  const discovery = openDiscovery(optionsOf(config), { clock, logger, directory: folder, jobName: 'j' });
  discovery.start((groups) => told.push(groups));
  onTestFinished(() => discovery.stop());
  return told;
}

const addresses = (groups: readonly TargetGroup[] | undefined) =>
  groups?.flatMap(({ targets }) => targets.map((target) => target.__address__));

describe('discovery by files', () => {
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, `${name}.new`), text);
    renameSync(join(folder, `${name}.new`), join(folder, name));
  };

  it('reads JSON and YAML, and again when a file changes, comes or goes', async () => {
    write('a-one.json', '[{"targets": ["a:1", "b:1"], "labels": {"env": "x"}}]');
    write('a-two.yml', '- targets: ["c:1"]\n');
    const told = discover({ file_sd_configs: [{ files: ['a-*.json', 'a-*.yml'] }] });
    await eventually(() => expect(addresses(told.at(-1))).toEqual(['a:1', 'b:1', 'c:1']));
    expect(told[0]![0]!.labels).toEqual({ env: 'x', __meta_filepath: join(folder, 'a-one.json') });
    write('a-two.yml', '- targets: ["d:1"]\n');
    await eventually(() => expect(addresses(told.at(-1))).toEqual(['a:1', 'b:1', 'd:1']));
    write('a-three.json', '[{"targets": ["e:1"]}]');
    await eventually(() => expect(addresses(told.at(-1))).toEqual(['a:1', 'b:1', 'e:1', 'd:1']));
  });

  it('keeps what a broken file had before, and says what is wrong', async () => {
    write('b.json', '[{"targets": ["a:1"]}]');
    const told = discover({ file_sd_configs: [{ files: ['b.json'] }] });
    await eventually(() => expect(addresses(told.at(-1))).toEqual(['a:1']));
    write('b.json', '[{"target": ["b:1"]}]');
    await eventually(() =>
      expect(warnings).toContainEqual(
        expect.objectContaining({ reason: 'groups[0].target: unknown field; did you mean targets?' }),
      ),
    );
    expect(told).toHaveLength(1);
    write('b.json', '[{"targets": ["c:1"]}]');
    await eventually(() => expect(addresses(told.at(-1))).toEqual(['c:1']));
  });
});

async function serve(listener: http.RequestListener): Promise<number> {
  const server = http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describe('discovery by HTTP', () => {
  it('asks at its interval and keeps what it knows while the server fails', async () => {
    const answers = [
      { status: 200, type: 'application/json', body: '[{"targets": ["a:1"], "labels": {"env": "x"}}]' },
      { status: 500, type: 'application/json', body: '[]' },
      { status: 200, type: 'text/html', body: '[]' },
      { status: 200, type: 'application/json', body: '[{"targets": ["b:1"]}]' },
    ];
    const seen: http.IncomingHttpHeaders[] = [];
    const port = await serve((request, response) => {
      seen.push(request.headers);
      const { status, type, body } = answers[Math.min(seen.length, answers.length) - 1]!;
      response.writeHead(status, { 'content-type': type }).end(body);
    });
    const url = `http://127.0.0.1:${port}/targets`;
    const http_sd_configs = [{ url, refresh_interval: '300ms', authorization: { credentials: 'secret' } }];
    const told = discover({ http_sd_configs });
    await eventually(() => expect(addresses(told.at(-1))).toEqual(['b:1']));
    expect(told).toHaveLength(2);
    expect(told[0]![0]!.labels).toEqual({ env: 'x', __meta_url: url });
    expect(seen[0]).toMatchObject({ authorization: 'Bearer secret', 'x-prometheus-refresh-interval-seconds': '0.3' });
    const reasons = warnings.map((details) => (details as { reason: string }).reason);
    expect(reasons).toContainEqual(expect.stringContaining('HTTP status 500 in place of 200'));
    expect(reasons).toContainEqual(expect.stringContaining('Content-Type "text/html"'));
  });
});

/** A name server for these names and types only; others do not exist. */
async function nameServer(records: Readonly<Record<string, { type: number; data: Buffer }[]>>): Promise<Resolver> {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port }) => {
    const end = query.indexOf(0, 12);
    const labels: string[] = [];
    for (let at = 12; at < end; at += query[at]! + 1)
      labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!));
    const type = query.readUInt16BE(end + 1);
    const known = records[labels.join('.').toLowerCase()];
    const answers = (known ?? []).filter((record) => record.type === type);
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(known ? 0x8180 : 0x8183, 2);
    header.writeUInt16BE(answers.length, 6);
    header.writeUInt32BE(0, 8);
    const rows = answers.map(({ type: kind, data }) => {
      const row = Buffer.from([0xc0, 12, 0, kind, 0, 1, 0, 0, 0, 60, 0, data.length]);
      return Buffer.concat([row, data]);
    });
    socket.send(Buffer.concat([header, query.subarray(12, end + 5), ...rows]), port);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => void socket.close());
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return resolver;
}

describe('discovery by DNS', () => {
  const name = (text: string) =>
    Buffer.concat([
      ...text.split('.').map((part) => Buffer.concat([Buffer.from([part.length]), Buffer.from(part)])),
      Buffer.from([0]),
    ]);
  const records = {
    'web.example': [
      { type: 1, data: Buffer.from([10, 0, 0, 2]) },
      { type: 1, data: Buffer.from([10, 0, 0, 1]) },
      { type: 28, data: Buffer.from('20010db8000000000000000000000001', 'hex') },
      { type: 15, data: Buffer.concat([Buffer.from([0, 10]), name('mail.example')]) },
    ],
    '_m._tcp.example': [
      { type: 33, data: Buffer.concat([Buffer.from([0, 1, 0, 1, 0x1f, 0x90]), name('srv.example')]) },
    ],
  };

  it.each([
    [
      { names: ['_m._tcp.example'] },
      ['srv.example:8080'],
      { __meta_dns_srv_record_target: 'srv.example.', __meta_dns_srv_record_port: '8080' },
    ],
    [
      { names: ['web.example'], type: 'A', port: 80 },
      ['10.0.0.1:80', '10.0.0.2:80'],
      { __meta_dns_name: 'web.example' },
    ],
    [{ names: ['web.example'], type: 'AAAA', port: 80 }, ['[2001:db8::1]:80'], {}],
    [
      { names: ['web.example'], type: 'MX', port: 25 },
      ['mail.example:25'],
      { __meta_dns_mx_record_target: 'mail.example.' },
    ],
    [{ names: ['none.example'], type: 'A', port: 80 }, [], undefined],
  ])('finds %j', async (config, expected, labels) => {
    const options = optionsOf({ dns_sd_configs: [config] });
    if (options.kind !== 'dns') throw new Error(options.kind);
    const [group] = await resolveTargets(await nameServer(records), options);
    expect(addresses([group!])).toEqual(expected);
    if (labels) expect(group!.targets[0]).toMatchObject(labels);
  });

  it('rejects where no server answers', async () => {
    const resolver = new Resolver({ timeout: 100, tries: 1 });
    resolver.setServers(['127.0.0.1:1']);
    const options = optionsOf({ dns_sd_configs: [{ names: ['a.example'] }] });
    if (options.kind !== 'dns') throw new Error(options.kind);
    await expect(resolveTargets(resolver, options)).rejects.toThrow(/does not answer for a\.example \(SRV\)/);
  });
});

describe('discovery by Docker', () => {
  const network = (id: string, ip: string) => ({ NetworkID: id, IPAddress: ip });
  const containers = [
    {
      Id: 'web',
      Names: ['/web'],
      Labels: { 'com.example/team': 'a' },
      Ports: [
        { IP: '0.0.0.0', PrivatePort: 8080, PublicPort: 80, Type: 'tcp' },
        { PrivatePort: 9090, Type: 'tcp' },
        { PrivatePort: 53, Type: 'udp' },
      ],
      HostConfig: { NetworkMode: 'front' },
      NetworkSettings: { Networks: { front: network('n1', '10.0.0.2'), back: network('n2', '10.1.0.2') } },
    },
    {
      Id: 'side',
      Names: ['/side'],
      HostConfig: { NetworkMode: 'container:web' },
      NetworkSettings: { Networks: {} },
    },
    {
      Id: 'host',
      Names: ['/host'],
      HostConfig: { NetworkMode: 'host' },
      NetworkSettings: { Networks: { host: network('n3', '') } },
    },
  ];
  const networks = [
    { Id: 'n1', Name: 'front', Scope: 'local', Internal: false, Ingress: false, Labels: { 'a-b': 'c' } },
    { Id: 'n2', Name: 'back', Scope: 'local', Internal: true },
  ];

  async function engine(asked: string[] = []): Promise<number> {
    return await serve((request, response) => {
      asked.push(request.url!);
      const path = request.url!.split('?')[0]!;
      const answer = path === '/version' ? { ApiVersion: '1.41' } : path.endsWith('/networks') ? networks : containers;
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  }

  it('makes a target of every port in a network, or of the port that is given', async () => {
    const asked: string[] = [];
    const filters = [{ name: 'label', values: ['m'] }];
    const told = discover({ docker_sd_configs: [{ host: `tcp://127.0.0.1:${await engine(asked)}`, filters }] });
    await eventually(() => expect(told).toHaveLength(1));
    expect(addresses(told[0])).toEqual(['10.1.0.2:8080', '10.1.0.2:9090', '10.1.0.2:80', 'localhost']);
    expect(told[0]![0]!.targets[0]).toEqual({
      __address__: '10.1.0.2:8080',
      __meta_docker_container_id: 'web',
      __meta_docker_container_name: '/web',
      __meta_docker_container_network_mode: 'front',
      __meta_docker_container_label_com_example_team: 'a',
      __meta_docker_network_id: 'n2',
      __meta_docker_network_name: 'back',
      __meta_docker_network_scope: 'local',
      __meta_docker_network_internal: 'true',
      __meta_docker_network_ingress: 'false',
      __meta_docker_network_ip: '10.1.0.2',
      __meta_docker_port_private: '8080',
      __meta_docker_port_public: '80',
      __meta_docker_port_public_ip: '0.0.0.0',
    });
    expect(asked).toContain(`/v1.41/containers/json?filters=${encodeURIComponent('{"label":["m"]}')}`);
  });

  it('takes every network where it shall', async () => {
    const config = {
      host: `http://127.0.0.1:${await engine()}`,
      match_first_network: false,
      host_networking_host: 'h:1',
    };
    const told = discover({ docker_sd_configs: [config] });
    await eventually(() => expect(told).toHaveLength(1));
    expect(addresses(told[0])).toEqual([
      ...['10.1.0.2:8080', '10.1.0.2:9090', '10.0.0.2:8080', '10.0.0.2:9090'],
      ...['10.1.0.2:80', '10.0.0.2:80', 'h:1'],
    ]);
    expect(told[0]![0]!.targets[2]).toMatchObject({ __meta_docker_network_label_a_b: 'c' });
  });

  describe.skipIf(missingPodman !== undefined)('with a real engine', () => {
    let podman: Podman;
    beforeAll(async () => {
      podman = await startPodman();
    }, 60_000);
    afterAll(() => podman?.close());

    it('finds its containers as they come', async () => {
      const run = (name: string) => {
        const limits = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1000:1000'];
        const words = ['--name', name, '--label', `scrape.me=${name}`, '--network', 'bridge', ...limits];
        return podman.podman('run', '-d', ...words, 'localhost/test/busybox:1', '/bin/sh', '-c', 'sleep 600');
      };
      const id = await run('one');
      const host = podman.dockerHost;
      const told = discover({ docker_sd_configs: [{ host, refresh_interval: '1s', port: 9100 }] });
      await eventually(() => expect(told[0]?.[0]?.targets).toHaveLength(1));
      expect(told[0]![0]!.targets[0]).toMatchObject({
        __address__: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+:9100$/),
        __meta_docker_container_id: id,
        __meta_docker_container_name: '/one',
        __meta_docker_container_label_scrape_me: 'one',
      });
      await run('two');
      await eventually(() => expect(told.at(-1)![0]!.targets).toHaveLength(2));
      await podman.podman('rm', '--force', '--time', '0', 'one');
      await eventually(() =>
        expect(told.at(-1)![0]!.targets).toMatchObject([{ __meta_docker_container_name: '/two' }]),
      );
    });
  });
});
