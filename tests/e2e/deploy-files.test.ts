import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { SETTINGS } from '../../server/src/config/settings.ts';
import { startTestService, type TestService } from '../support/service.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const DEPLOY = join(ROOT, 'deploy');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const SETTING_NAMES: readonly string[] = Object.values(SETTINGS).flatMap(({ variable, secret }) =>
  secret ? [variable, `${variable}_FILE`] : [variable],
);

interface ComposeService {
  image: string;
  build?: { context: string; dockerfile: string; target: string };
  profiles?: string[];
  ports?: string[];
  environment?: Record<string, string | null>;
  volumes?: string[];
  depends_on?: Record<string, unknown> | string[];
}

const compose = parse(read('deploy/docker-compose.yml')) as {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
};
const services = Object.entries(compose.services);

describe('docker-compose.yml', () => {
  it('starts the service alone unless a profile is named', () => {
    expect(services.filter(([, service]) => !service.profiles).map(([name]) => name)).toEqual(['system-service']);
    expect(new Set(services.flatMap(([, service]) => service.profiles ?? []))).toEqual(new Set(['demo', 'grafana']));
  });

  it('publishes on loopback only', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    expect(ports.filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))).toEqual([]);
  });

  it('names files, volumes, targets and services that exist', () => {
    const stages = [...read('deploy/Dockerfile').matchAll(/^FROM .* AS (\S+)$/gm)].map(([, stage]) => stage);
    for (const [, { build, volumes = [], depends_on: needs = [] }] of services) {
      if (build) {
        expect(statSync(join(DEPLOY, build.context, build.dockerfile)).isFile()).toBe(true);
        expect(stages).toContain(build.target);
      }
      for (const volume of volumes) {
        const [source] = volume.split(':');
        if (source!.startsWith('.')) expect(statSync(join(DEPLOY, source!)), volume).toBeDefined();
        else expect(Object.keys(compose.volumes)).toContain(source);
      }
      for (const needed of Array.isArray(needs) ? needs : Object.keys(needs)) {
        expect(Object.keys(compose.services)).toContain(needed);
      }
    }
  });

  it('gives the service settings that it has', () => {
    const given = Object.keys(compose.services['system-service']!.environment!);
    expect(given.filter((name) => !SETTING_NAMES.includes(name))).toEqual([]);
  });
});

describe('Dockerfile', () => {
  const dockerfile = read('deploy/Dockerfile');

  it('copies every manifest of the workspace before it installs', () => {
    const { workspaces } = JSON.parse(read('package.json')) as { workspaces: string[] };
    for (const workspace of workspaces) {
      expect(dockerfile).toContain(`COPY ${workspace}/package.json ${workspace}/\n`);
    }
  });

  it('sets settings that the service has', () => {
    const [, block] = /^ENV ((?:.*\\\n)*.*)$/m.exec(dockerfile)!;
    const names = [...block!.matchAll(/(\w+)=/g)].map(([, name]) => name!);
    expect(names).toContain('HOST');
    expect(names.filter((name) => !['NODE_ENV', 'PATH', ...SETTING_NAMES].includes(name))).toEqual([]);
  });

  it('leaves what a build does not read out of its context', () => {
    const ignored = read('.dockerignore').split('\n');
    for (const needed of ['server', 'console', 'examples', 'deploy', 'scripts', 'LICENSE', 'README.md']) {
      expect(ignored).not.toContain(needed);
    }
    expect(ignored).toEqual(expect.arrayContaining(['.git', '**/node_modules', '**/dist', '**/data']));
  });
});

describe('docs/deploy.md', () => {
  it('names only settings, files and profiles that exist', () => {
    const guide = read('docs/deploy.md');
    const assigned = [...guide.matchAll(/\b([A-Z][A-Z_]{3,})=/g)].map(([, name]) => name!);
    expect(assigned.filter((name) => ![...SETTING_NAMES, 'NODE_IMAGE', 'CONFIG_FILE'].includes(name))).toEqual([]);
    for (const [, path] of guide.matchAll(/`((?:deploy|docs|examples|server)\/[\w./-]+)`/g)) {
      expect(statSync(join(ROOT, path!))).toBeDefined();
    }
    for (const [, profile] of guide.matchAll(/--profile (\w+)/g)) {
      expect(services.flatMap(([, service]) => service.profiles ?? [])).toContain(profile);
    }
  });
});

describe('Prometheus and Grafana', () => {
  let service: TestService;

  beforeAll(async () => {
    service = await startTestService();
  });
  afterAll(() => service.stop());

  it('scrapes the service where Compose puts it, and Grafana reads from that Prometheus', () => {
    const prometheus = parse(read('deploy/prometheus/prometheus.yml'));
    const [host, port] = prometheus.scrape_configs[0].static_configs[0].targets[0].split(':');
    expect(Object.keys(compose.services)).toContain(host);
    expect(port).toBe(String(SETTINGS.port.standard));

    const [source] = parse(read('deploy/grafana/provisioning/datasources/prometheus.yml')).datasources;
    const url = new URL(source.url);
    expect(Object.keys(compose.services)).toContain(url.hostname);
    expect(compose.services.prometheus!.ports).toContain(`127.0.0.1:${url.port}:${url.port}`);

    const [provider] = parse(read('deploy/grafana/provisioning/dashboards/system-service.yml')).providers;
    const mounts = compose.services.grafana!.volumes!.map((volume) => volume.split(':'));
    expect(mounts.find(([, inside]) => inside === provider.options.path)?.[0]).toBe('./grafana/dashboards');
  });

  it('shows metrics that the service has', async () => {
    const exposed = await (await fetch(`${service.url}/metrics`)).text();
    const known = new Set([...exposed.matchAll(/^# TYPE (\S+) (\S+)/gm)].map(([, name]) => name!));
    const unknown: string[] = [];
    for (const file of readdirSync(join(DEPLOY, 'grafana/dashboards'))) {
      const dashboard = JSON.parse(read(`deploy/grafana/dashboards/${file}`));
      for (const panel of dashboard.panels) {
        for (const { expr } of panel.targets as { expr: string }[]) {
          for (const [name] of expr.matchAll(/\b(system_service|process|nodejs)_\w+/g)) {
            if (!known.has(name.replace(/_bucket$/, ''))) unknown.push(`${panel.title}: ${name}`);
          }
        }
      }
    }
    expect(unknown).toEqual([]);
  });
});
