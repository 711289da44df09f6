import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeConfig, helpText } from './help.ts';
import { ConfigError, loadConfig } from './load.ts';

const folder = mkdtempSync(join(tmpdir(), 'config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function directoryWith(files: Record<string, string> = {}): string {
  const directory = mkdtempSync(join(folder, 'case-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
  return directory;
}

function problemsOf(environment: Record<string, string>, files: Record<string, string> = {}): readonly string[] {
  try {
    loadConfig(environment, directoryWith(files));
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

it('helps with one line a setting, each with its default', () => {
  const lines = helpText().split('\n');
  const columns = lines.filter((line) => /^ {2}[A-Z_]{3,} /.test(line)).map((line) => line.search(/(?<= {2}\S+ +)\S/));
  expect(new Set(columns).size).toBe(1);
  expect(helpText()).toContain('(default 8013)');
  expect(helpText()).not.toContain('[object');
  expect(describeConfig(loadConfig({}, directoryWith()))).toMatch(/PROMETHEUS_HEADERS +-$/m);
});

describe('loadConfig', () => {
  it('has the documented defaults', () => {
    expect(loadConfig({}, directoryWith())).toMatchObject({
      port: 8013,
      host: '127.0.0.1',
      dataDir: './data',
      otlpHttpPort: 4318,
      auth: 'on',
      retentionMetrics: 30 * 86_400_000,
      retentionLogs: 14 * 86_400_000,
      retentionTraces: 7 * 86_400_000,
    });
  });

  it('prefers the environment to the file and the file to the defaults', () => {
    const files = { 'system-service.yaml': 'port: 9000\nhost: "::1"\nalert_users: [ann, bob]\n' };
    const config = loadConfig({ PORT: '9001' }, directoryWith(files));
    expect([config.port, config.host, config.alertUsers]).toEqual([9001, '::1', ['ann', 'bob']]);
  });

  it('reads secrets from files', () => {
    const directory = directoryWith({ key: 'agent:ingest:0123456789abcdef\n' });
    expect(loadConfig({ API_KEYS_FILE: 'key' }, directory).apiKeys).toEqual([
      { name: 'agent', scope: 'ingest', secret: '0123456789abcdef' },
    ]);
  });

  it('lists every mistake at once', () => {
    const problems = problemsOf(
      {
        PORT: 'eighty',
        AUTH: 'maybe',
        SMTP_URL: 'http://mail',
        API_KEYS: 'me:boss:0123456789abcdef',
        PROMETHEUS_URL: 'ftp://p',
      },
      { 'system-service.yaml': 'prot: 1\nretention_logs: 5m\nuser_directory: {}\n' },
    );
    const about = [
      'PORT',
      'API_KEYS',
      'AUTH',
      'PROMETHEUS_URL',
      'SMTP_URL',
      'RETENTION_LOGS',
      'user_directory.url',
      'prot',
    ];
    expect(problems.map((problem) => problem.split(':', 1)[0])).toEqual(about);
    expect(problems.find((problem) => problem.startsWith('prot'))).toContain('did you mean port?');
  });

  it.each<[string, Record<string, string>, string]>([
    ['a missing file', { CONFIG_FILE: 'nowhere.yaml' }, 'there is no file'],
    ['a secret given twice', { SMTP_URL: 'smtp://a', SMTP_URL_FILE: 'x', SMTP_FROM: 'a@b' }, 'use one of them'],
    ['a secret file that is missing', { DATABASE_URL_FILE: 'x' }, 'cannot be read'],
    ['a mail server without a sender', { SMTP_URL: 'smtp://mail.example.org' }, 'SMTP_FROM'],
    ['half a Twilio account', { TWILIO_FROM: '+15550100' }, 'all three'],
    ['a short API key', { API_KEYS: 'a:read:short' }, '16 characters'],
    ['a signing secret of another form', { WEBHOOK_SECRET: 'whsec_short' }, '24 to 64 bytes'],
    ['a host that is none', { HOST: '999.1' }, 'HOST'],
    ['a network that is none', { WEBHOOK_ALLOW: '10.0.0.0/8,bad/99' }, 'bad/99'],
    ['a mail address that is none', { ALERT_EMAIL_TO: 'ops' }, 'no mail address'],
    ['a port used twice', { PORT: '4318' }, 'OTLP_HTTP_PORT'],
    ['a port used for HTTP and gRPC', { OTLP_GRPC_PORT: '4318' }, 'OTLP_GRPC_PORT'],
    ['an origin with a path', { ALLOWED_ORIGINS: 'https://a.example/b' }, 'is no origin'],
    ['a ClickHouse without its port', { CLICKHOUSE_URL: 'https://ch.example.org/otel' }, 'with the port'],
    ['a ClickHouse with a wrong password form', { CLICKHOUSE_URL: 'http://a:50%zz@ch:8123' }, '%40'],
    ['a cluster of no ClickHouse', { CLICKHOUSE_CLUSTER: 'main' }, 'CLICKHOUSE_CLUSTER: needs CLICKHOUSE_URL'],
    [
      'a password given twice',
      { CLICKHOUSE_URL: 'http://a:b@ch:8123', CLICKHOUSE_PASSWORD: 'c' },
      'names them already',
    ],
    ['an authority that is none', { CLICKHOUSE_URL: 'https://ch:8443', CLICKHOUSE_CA: 'x' }, 'BEGIN CERTIFICATE'],
    ['a key named twice', { API_KEYS: 'a:read:0123456789abcdef,a:write:0123456789abcdeg' }, 'twice'],
  ])('refuses %s', (_name, environment, expected) => {
    expect(problemsOf(environment)).toEqual([expect.stringContaining(expected)]);
  });

  it('reads the parts of the file that have a form of their own, and names what is wrong in them', () => {
    const hashes = 'pipelines: { logs: { redact: [{ presets: [emails], action: hash }] } }\n';
    expect(problemsOf({}, { 'system-service.yaml': hashes })).toEqual([expect.stringContaining('REDACTION_KEY')]);
    expect(problemsOf({ REDACTION_KEY: 'sixteen letters..' }, { 'system-service.yaml': hashes })).toEqual([]);
    const wrong = 'pipelines: { logs: { drpo: [] } }\nservices: [{ owner: a }]\n';
    expect(problemsOf({}, { 'system-service.yaml': wrong })).toEqual([
      expect.stringContaining('services[0].name: '),
      'pipelines.logs.drpo: unknown field; did you mean drop?',
    ]);
  });

  it('reads escalation policies', () => {
    const file = `escalation_policies:
  - name: web
    steps:
      - {targets: [{schedule: web}], delay: 10m, conditions: {time_zone: Europe/Paris, hours: [{start: "09:00", end: "18:00"}]}}
      - {targets: [{channel: slack}, {webhook: "https://a.example/b"}], urgency: low}
    repeat: 2
`;
    const [policy] = loadConfig({}, directoryWith({ 'system-service.yaml': file })).escalationPolicies;
    expect(policy).toMatchObject({ id: 'web', repeat: 2, ackTimeoutMs: 14_400_000, origin: 'file' });
    expect(policy!.steps[0]).toMatchObject({ delayMs: 600_000, conditions: { hours: [{ start: '09:00' }] } });
    expect(policy!.steps[1]!.targets).toEqual([
      { channel: 'slack', address: '' },
      { channel: 'webhook', address: 'https://a.example/b' },
    ]);
    const wrong =
      'escalation_policies: [{name: a, steps: [{delay: 1s, targets: [{user: a, receiver: b}]}], repeat: 9}]';
    expect(problemsOf({}, { 'system-service.yaml': wrong })).toEqual([
      expect.stringContaining('escalation_policies[0].steps[0].delay: '),
      expect.stringContaining('escalation_policies[0].steps[0].targets[0]: give one of'),
      'escalation_policies[0].repeat: use 0 to 5',
    ]);
  });

  it('reads limits in the form that people write', () => {
    const config = loadConfig(
      { INGEST_MAX_AGE: '2h', INGEST_MAX_AHEAD: '90s', INGEST_BYTES_PER_SECOND: '10MB', INGEST_MAX_SERIES: '1000' },
      directoryWith(),
    );
    expect(config).toMatchObject({
      ingestMaxAge: 7_200_000,
      ingestMaxAhead: 90_000,
      ingestBytesPerSecond: 10 * 1024 * 1024,
      ingestMaxSeries: 1000,
      ingestMaxSeriesPerMetric: 10_000,
    });
    expect(problemsOf({ INGEST_BYTES_PER_SECOND: 'fast', INGEST_MAX_SERIES: '0' })).toHaveLength(2);
  });

  it('never shows a secret, neither in a mistake nor in the description', () => {
    const smtp = 'smtp://user:hunter2hunter2@mail.example.org';
    expect(problemsOf({ DATABASE_URL: 'mysql://root:hunter2@db' }).join()).not.toContain('hunter2');
    expect(describeConfig(loadConfig({ SMTP_URL: smtp, SMTP_FROM: 'a@b' }, directoryWith()))).not.toContain('hunter2');
  });
});
