import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ConfigMap } from '../../lib/config-map.ts';
import type { Issue } from '../../model/errors.ts';
import { readScrapeJobs } from './read-scrape-jobs.ts';

function read(yaml: string) {
  const problems: Issue[] = [];
  return { jobs: readScrapeJobs(new ConfigMap(parse(yaml), '', problems)), problems };
}

function problemsOf(job: string): string[] {
  const indented = job.replaceAll('\n', '\n    ');
  return read(`scrape_configs:\n  - job_name: a\n    ${indented}`).problems.map(
    ({ path, message }) => `${path}: ${message}`,
  );
}

describe('scrape_configs', () => {
  it('fill in the defaults of Prometheus', () => {
    const { jobs, problems } = read('scrape_configs: [{job_name: a}]');
    expect(problems).toEqual([]);
    expect(jobs[0]).toMatchObject({
      name: 'a',
      intervalMs: 60_000,
      timeoutMs: 10_000,
      scheme: 'http',
      metricsPath: '/metrics',
      protocols: ['OpenMetricsText1.0.0', 'OpenMetricsText0.0.1', 'PrometheusText1.0.0', 'PrometheusText0.0.4'],
      escaping: 'allow-utf-8',
      enableCompression: true,
      samples: { honorLabels: false, honorTimestamps: true, sampleLimit: 0, nameValidation: 'utf8' },
      http: { followRedirects: true },
      discoveries: [],
    });
  });

  it('take what global says, unless the job says otherwise', () => {
    const { jobs, problems } = read(`
global: {scrape_interval: 5s, scrape_timeout: 4s, sample_limit: 10, body_size_limit: 2KB, scrape_native_histograms: true}
scrape_configs:
  - {job_name: a}
  - {job_name: b, scrape_interval: 3s, sample_limit: 20, scrape_native_histograms: false}`);
    expect(problems).toEqual([]);
    expect(jobs).toMatchObject([
      { intervalMs: 5000, timeoutMs: 4000, bodySizeLimit: 2048, samples: { sampleLimit: 10 } },
      { intervalMs: 3000, timeoutMs: 3000, samples: { sampleLimit: 20 }, nativeHistograms: false },
    ]);
    expect(jobs.map(({ protocols }) => protocols[0])).toEqual(['PrometheusProto', 'OpenMetricsText1.0.0']);
  });

  it('read every part that is built', () => {
    const { jobs, problems } = read(`
scrape_configs:
  - job_name: all
    metrics_path: /m
    scheme: https
    params: {module: [a, b]}
    honor_labels: true
    honor_timestamps: false
    track_timestamps_staleness: true
    fallback_scrape_protocol: PrometheusText0.0.4
    scrape_classic_histograms: true
    enable_compression: false
    basic_auth: {username: u, password_file: p}
    tls_config: {ca_file: ca.pem, cert: C, key: K, server_name: s, insecure_skip_verify: true, min_version: TLS12}
    proxy_url: http://proxy:3128
    no_proxy: a.example, 10.0.0.0/8
    follow_redirects: false
    http_headers: {X-Tenant: {values: [t], secrets: [s], files: [f]}}
    label_limit: 1
    label_name_length_limit: 2
    label_value_length_limit: 3
    target_limit: 4
    keep_dropped_targets: 5
    extra_scrape_metrics: true
    static_configs: [{targets: ['a:1'], labels: {env: x}}]
    file_sd_configs: [{files: ['t/*.json'], refresh_interval: 1m}]
    http_sd_configs: [{url: 'http://sd/targets', authorization: {credentials: secret}}]
    dns_sd_configs: [{names: [x.example], type: a, port: 80}]
    docker_sd_configs: [{host: 'unix:///d.sock', filters: [{name: label, values: [m]}, {name: label, values: [n]}]}]
    relabel_configs: [{action: labelmap, regex: '__meta_(.+)'}]
    metric_relabel_configs: [{action: drop, source_labels: [__name__], regex: 'go_.*'}]`);
    expect(problems).toEqual([]);
    expect(jobs[0]!.discoveries).toMatchObject([
      { kind: 'static', groups: [{ targets: [{ __address__: 'a:1' }], labels: { env: 'x' } }] },
      { kind: 'file', files: ['t/*.json'], refreshMs: 60_000 },
      {
        kind: 'http',
        url: 'http://sd/targets',
        http: { authorization: { type: 'Bearer', credentials: { text: 'secret' } } },
      },
      { kind: 'dns', names: ['x.example'], type: 'A', port: 80, refreshMs: 30_000 },
      { kind: 'docker', host: 'unix:///d.sock', filters: { label: ['m', 'n'] }, port: 80, matchFirstNetwork: true },
    ]);
    expect(jobs[0]!.http).toMatchObject({
      basicAuth: { username: { text: 'u' }, password: { file: 'p' } },
      tls: { ca: { file: 'ca.pem' }, cert: { text: 'C' }, insecureSkipVerify: true, minVersion: 'TLSv1.2' },
      noProxy: ['a.example', '10.0.0.0/8'],
      followRedirects: false,
      headers: { 'X-Tenant': [{ text: 't' }, { text: 's' }, { file: 'f' }] },
    });
  });

  it.each([
    ['scrape_intervall: 5s', 'scrape_configs[0].scrape_intervall: unknown field; did you mean scrape_interval'],
    ['scrape_interval: 5', 'scrape_configs[0].scrape_interval: "5" is no duration'],
    ['scrape_interval: 0s', 'scrape_configs[0].scrape_interval: use a duration above zero'],
    ['scrape_interval: 5s\nscrape_timeout: 6s', 'scrape_configs[0].scrape_timeout: cannot be longer'],
    ['scheme: ftp', 'scrape_configs[0].scheme: "ftp" is not known; use http, https'],
    ['scrape_protocols: [Text]', 'scrape_configs[0].scrape_protocols[0]: "Text" is not known; use PrometheusProto'],
    ['sample_limit: -1', 'scrape_configs[0].sample_limit: use a whole number'],
    ['body_size_limit: much', 'scrape_configs[0].body_size_limit: "much" is no size'],
    [
      'kubernetes_sd_configs: [{role: pod}]',
      'scrape_configs[0].kubernetes_sd_configs: discovery by kubernetes is not supported; use',
    ],
    [
      'oauth2: {client_id: a, token_url: "http://t"}',
      'scrape_configs[0].oauth2.client_secret: give client_secret or client_secret',
    ],
    ['oauth2: {client_id: a, client_secret: b}', 'scrape_configs[0].oauth2.token_url: use a URL that starts with'],
    [
      'bearer_token: t\noauth2: {client_id: a, client_secret: b, token_url: "http://t"}',
      'scrape_configs[0].oauth2: give oauth2 alone',
    ],
    [
      'convert_classic_histograms_to_nhcb: true',
      'scrape_configs[0].convert_classic_histograms_to_nhcb: is not supported',
    ],
    [
      'basic_auth: {password: a, password_file: b}',
      'scrape_configs[0].basic_auth.password_file: give password or password_file',
    ],
    ['basic_auth: {user: a}', 'scrape_configs[0].basic_auth.user: unknown field; did you mean username'],
    ['authorization: {type: Bearer}', 'scrape_configs[0].authorization.credentials: give credentials or'],
    ['tls_config: {cert: a}', 'scrape_configs[0].tls_config.key: a certificate needs its key'],
    [
      'http_headers: {Authorization: {values: [a]}}',
      'scrape_configs[0].http_headers.Authorization: this header cannot',
    ],
    [
      'static_configs: [{targets: [http://a/metrics]}]',
      'scrape_configs[0].static_configs[0].targets[0]: "http://a/metrics" is no address; use host:port',
    ],
    [
      'static_configs: [{target: [a]}]',
      'scrape_configs[0].static_configs[0].target: unknown field; did you mean targets',
    ],
    [
      'file_sd_configs: [{files: [a.txt]}]',
      'scrape_configs[0].file_sd_configs[0].files[0]: "a.txt": use names that end in',
    ],
    ['http_sd_configs: [{url: sd}]', 'scrape_configs[0].http_sd_configs[0].url: use a URL'],
    [
      'dns_sd_configs: [{names: [a], type: A}]',
      'scrape_configs[0].dns_sd_configs[0].port: records of the type A name no port',
    ],
    ['dns_sd_configs: [{names: [a], type: TXT}]', 'scrape_configs[0].dns_sd_configs[0].type: "TXT" is not known'],
    ['docker_sd_configs: [{host: docker.sock}]', 'scrape_configs[0].docker_sd_configs[0].host: use unix:///'],
    [
      'relabel_configs: [{action: keep, regexp: a}]',
      'scrape_configs[0].relabel_configs[0].regexp: unknown field; did you mean regex',
    ],
    [
      'metric_relabel_configs: [{regex: a}]',
      'scrape_configs[0].metric_relabel_configs[0].target_label: the action replace needs it',
    ],
  ])('refuse %s', (job, problem) => {
    expect(problemsOf(job)).toEqual([expect.stringContaining(problem)]);
  });

  it('refuse what global cannot hold', () => {
    const { problems } = read('global: {scrape_intervall: 1s, query_log_file: a, sample_limit: x}');
    expect(problems).toMatchObject([
      { path: 'global.sample_limit' },
      { path: 'global.query_log_file', message: expect.stringContaining('remove it') },
      { path: 'global.scrape_intervall', message: expect.stringContaining('scrape_interval') },
    ]);
  });

  it('refuse jobs without a name or with the same one', () => {
    expect(read('scrape_configs: [{job_name: a}, {job_name: a}, {}]').problems).toMatchObject([
      { path: 'scrape_configs[1].job_name' },
      { path: 'scrape_configs[2].job_name', message: 'give the job a name' },
    ]);
  });
});
