import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { ClickHouseServer } from '../support/click-house-server.ts';
import { HttpStandIn } from '../support/http-stand-in.ts';
import { startMailServer } from '../support/mail-server.ts';
import { runCommand } from '../support/run-command.ts';
import { startTestService } from '../support/service.ts';

const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let directories = 0;
function newDirectory(): string {
  const path = join(folder, String(++directories));
  mkdirSync(path);
  return path;
}

const PORTS = { PORT: '0', OTLP_HTTP_PORT: '0', OTLP_GRPC_PORT: '0' };
const doctor = (env: Record<string, string>) =>
  runCommand('doctor', [], { ...PORTS, DATA_DIR: newDirectory(), ...env });

describe('the doctor', () => {
  it('finds a healthy machine healthy', async () => {
    const { code, output } = await doctor({});
    expect(output).not.toContain('FAIL');
    expect(output).toMatch(/ok {3}telemetry store: embedded ClickHouse [\d.]+, no tables yet/);
    expect(code).toBe(0);
  });

  it('sees the service that runs, and takes its ports for right', async () => {
    const service = await startTestService();
    onTestFinished(async () => void (await service.stop()));
    const { port } = new URL(service.url);
    const { code, output } = await doctor({ DATA_DIR: service.dataDir, PORT: port });
    expect(output).toContain('a service runs on it');
    expect(output).toContain(`PORT: ${port} is in use, as it should be`);
    expect(output).toContain(`SQLite in ${service.dataDir}`);
    expect(code).toBe(0);
  });

  it('names every wrong setting', async () => {
    const { code, output } = await doctor({ PORT: 'x', CLICKHOUSE_CLUSTER: 'main' });
    expect(output).toMatch(/FAIL settings: PORT/);
    expect(output).toMatch(/FAIL settings: CLICKHOUSE_CLUSTER: needs CLICKHOUSE_URL/);
    expect(code).toBe(1);
  });

  it('finds a port that somebody else has', async () => {
    const other = await HttpStandIn.start();
    onTestFinished(() => other.stop());
    const { code, output } = await doctor({ PORT: String(other.port), OTLP_HTTP_PORT: '0' });
    expect(output).toMatch(/FAIL PORT: .*EADDRINUSE[\s\S]*-> stop what has the port/);
    expect(code).toBe(1);
    const besides = await doctor({ OTLP_HTTP_PORT: String(other.port) });
    expect(besides).toMatchObject({ code: 0, output: expect.stringContaining('WARN OTLP_HTTP_PORT') });
  });

  it('asks the mail server for its greeting', async () => {
    const mail = await startMailServer();
    onTestFinished(() => mail.close());
    const good = await doctor({ SMTP_URL: mail.url, SMTP_FROM: 'a@b.example' });
    expect(good).toMatchObject({ code: 0, output: expect.stringContaining('greets') });
    const bad = await doctor({ SMTP_URL: 'smtp://user:hunter2@127.0.0.1:9', SMTP_FROM: 'a@b.example' });
    expect(bad).toMatchObject({ code: 1, output: expect.stringContaining('FAIL mail server: 127.0.0.1:9') });
    expect(bad.output).not.toContain('hunter2');
  });

  it('tries the ClickHouse by URL', async () => {
    const server = await ClickHouseServer.start();
    onTestFinished(() => server.stop());
    const good = await doctor({ CLICKHOUSE_URL: server.url() });
    expect(good).toMatchObject({ code: 0, output: expect.stringMatching(/ClickHouse [\d.]+ at http:\/\/127/) });
    const bad = await doctor({ CLICKHOUSE_URL: server.url().replace(encodeURIComponent(server.password), 'hunter2') });
    expect(bad).toMatchObject({ code: 1, output: expect.stringMatching(/FAIL telemetry store: .*refuses the user/) });
    expect(bad.output).not.toContain('hunter2');
  });

  it('finds a damaged control database, and a clock that was set back', async () => {
    const dataDir = newDirectory();
    writeFileSync(
      join(dataDir, 'control.db'),
      'this is no database, and is long enough to be taken for one'.repeat(20),
    );
    const future = new Date(Date.now() + 7 * 86_400_000);
    utimesSync(join(dataDir, 'control.db'), future, future);
    const { code, output } = await doctor({ DATA_DIR: dataDir });
    expect(output).toMatch(/FAIL control store: .*[\s\S]*-> restore a backup/);
    expect(output).toMatch(/WARN clock: .*has files of/);
    expect(code).toBe(1);
  });
});
