import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { apiOf } from '../support/api.ts';
import { childEnvironment } from '../support/child-environment.ts';
import { startTestService } from '../support/service.ts';

const source = (file: string) => fileURLToPath(new URL(`../../server/src/${file}`, import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'system-service-security-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Runs a command of the service to its end. */
function run(
  file: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [source(file), ...args], {
    cwd: directory,
    env: {
      ...childEnvironment(),
      PORT: '0',
      OTLP_HTTP_PORT: '0',
      OTLP_GRPC_PORT: '0',
      DATA_DIR: directory,
      LOG_FORMAT: 'json',
      ...env,
    },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => child.once('exit', (code) => resolve({ code, output })));
}

describe('the command line', () => {
  it('explains itself and checks a configuration without starting', async () => {
    const help = await run('main.ts', ['--help']);
    expect([help.code, help.output]).toEqual([0, expect.stringContaining('DATABASE_URL')]);
    const good = await run('main.ts', ['--check-config'], {
      SMTP_URL: 'smtp://u:secretsecret@h',
      SMTP_FROM: 'a@b.example',
    });
    expect([good.code, good.output.includes('secretsecret')]).toEqual([0, false]);
    const bad = await run('main.ts', ['--check-config'], { PORT: 'x', HOST: '', AUTH: 'perhaps' });
    expect([bad.code, bad.output]).toEqual([2, expect.stringMatching(/PORT[\s\S]*AUTH/)]);
    expect((await run('main.ts', ['--chek'])).code).toBe(2);
  });
});

describe('an address that others can reach', () => {
  it('needs credentials, or the written word that it does not', async () => {
    const refused = await run('main.ts', [], { HOST: '0.0.0.0' });
    expect([refused.code, refused.output]).toEqual([
      2,
      expect.stringMatching(/npm run keys[\s\S]*API_KEYS[\s\S]*AUTH=off/),
    ]);
    const open = await startTestService({ env: { HOST: '0.0.0.0', AUTH: 'off' } });
    expect((await apiOf(open.url).get('/api/alerts')).status).toBe(200);
    await open.stop();
  });

  it('lets in whom the key allows, and nobody else', async () => {
    const created = await run('keys.ts', ['create', '--name', 'ann', '--scope', 'read']);
    expect(created.code).toBe(0);
    const key = created.output.split('\n', 1)[0]!;
    expect((await run('keys.ts', ['create', '--name', 'ann', '--scope', 'read'])).code).toBe(2);
    expect((await run('keys.ts', ['list'])).output).toMatch(/^ann\tread\t/m);
    const service = await startTestService({
      dataDir: directory,
      env: { HOST: '0.0.0.0', API_KEYS: 'agent:ingest:0123456789abcdef-ingest' },
    });
    const api = apiOf(service.url);
    const ann = { authorization: `Bearer ${key}` };
    const agent = { authorization: 'Bearer 0123456789abcdef-ingest' };
    expect((await api.get('/api/alerts')).status).toBe(401);
    expect((await api.get('/api/alerts', { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await api.get('/api/alerts', ann)).status).toBe(200);
    expect((await api.post('/api/alerts', { name: 'x' }, { ...ann, 'content-type': 'application/json' })).status).toBe(
      403,
    );
    expect(
      (await api.post('/api/logs', { message: 'x' }, { ...agent, 'content-type': 'application/json' })).status,
    ).toBe(202);
    expect((await api.get('/api/logs', agent)).status).toBe(403);
    expect((await api.get('/health')).status).toBe(200);
    expect(service.output()).not.toContain(key);
    expect((await run('keys.ts', ['delete', '--name', 'ann'])).code).toBe(0);
    expect((await api.get('/api/alerts', ann)).status).toBe(401);
    await service.stop();
  });
});

describe('the data directory', () => {
  it('belongs to one process; the second is told so', async () => {
    const first = await startTestService({ dataDir: directory, env: { AUTH: 'off' } });
    const second = await run('main.ts', [], { AUTH: 'off' });
    expect([second.code, second.output]).toEqual([2, expect.stringContaining(String(first.pid))]);
    expect(await first.stop()).toBe(0);
  });
});
