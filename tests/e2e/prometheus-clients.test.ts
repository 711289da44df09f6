import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestService, type TestService } from '../support/service.ts';

const run = promisify(execFile);
const missing = await run('promtool', ['--version']).then(
  () => undefined,
  () => 'promtool is not installed',
);
if (missing) {
  if (process.env.CI === 'true') throw new Error(`with CI=true this must run: ${missing}`);
  process.stderr.write(`SKIPPED: promtool against the service: ${missing}\n`);
}

describe.skipIf(missing)('the service as a Prometheus', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService();
  }, 60_000);
  afterAll(() => service.stop());

  it("passes Grafana's health check and takes its source for a plain Prometheus", async () => {
    const body = new URLSearchParams({ query: '1+1', time: '1700000000' });
    const reply = await fetch(`${service.url}/api/v1/query`, { method: 'POST', body });
    expect(await reply.json()).toEqual({
      status: 'success',
      data: { resultType: 'scalar', result: [1_700_000_000, '2'] },
    });
    const build = await (await fetch(`${service.url}/api/v1/status/buildinfo`)).json();
    expect(build).toMatchObject({ status: 'success', data: { version: expect.stringMatching(/^3\.\d+\.\d+$/) } });
    for (const path of ['/api/v1/status/flags', '/alertmanager/api/v2/status']) {
      expect((await fetch(service.url + path)).status).toBe(404);
    }
  });

  it('answers promtool', async () => {
    const { stdout } = await run('promtool', ['query', 'instant', service.url, 'vector(1)']);
    expect(stdout).toMatch(/^\{\} => 1 @\[/);
  });

  it('has metrics of its own that promtool finds nothing wrong with', async () => {
    const text = await (await fetch(`${service.url}/metrics`)).text();
    const checked = run('promtool', ['check', 'metrics']);
    checked.child.stdin!.end(text);
    expect(await checked).toEqual({ stdout: '', stderr: '' });
  });
});
