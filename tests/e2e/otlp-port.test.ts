import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../server/src/app/free-port.ts';
import { apiOf } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { startTestService } from '../support/service.ts';

const payload = {
  resourceLogs: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'port-test' } }] },
      scopeLogs: [{ logRecords: [{ timeUnixNano: `${Date.now()}000000`, body: { stringValue: 'by the OTLP port' } }] }],
    },
  ],
};

describe('the OTLP port', () => {
  it('takes OTLP and nothing else', async () => {
    const port = await freePort('127.0.0.1');
    const service = await startTestService({ env: { OTLP_HTTP_PORT: String(port) } });
    const otlp = apiOf(`http://127.0.0.1:${port}`);
    expect((await otlp.post('/v1/logs', payload)).status).toBe(200);
    expect((await otlp.get('/api/logs')).status).toBe(404);
    await eventually(async () => {
      const { body } = await apiOf(service.url).get('/api/logs?service=port-test');
      expect(body.items.map((item: { message: string }) => item.message)).toEqual(['by the OTLP port']);
    });
    await service.stop();
  });

  it('may be in use: the service starts, warns, and takes OTLP on its own port', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const service = await startTestService({ env: { OTLP_HTTP_PORT: String(port) } });
    const api = apiOf(service.url);
    const { status, body } = await api.get('/health');
    expect([status, body.status, body.checks.ingest.status]).toEqual([200, 'degraded', 'degraded']);
    expect(body.checks.ingest.detail).toContain(String(port));
    expect((await api.post('/v1/logs', payload)).status).toBe(200);
    await service.stop();
    other.close();
  });

  it('of gRPC may be in use as well', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const service = await startTestService({ env: { OTLP_GRPC_PORT: String(port) } });
    const { status, body } = await apiOf(service.url).get('/health');
    expect([status, body.checks.ingest.status]).toEqual([200, 'degraded']);
    expect(body.checks.ingest.detail).toContain(`port ${port} is in use: OTLP over gRPC is not taken`);
    await service.stop();
    other.close();
  });
});
