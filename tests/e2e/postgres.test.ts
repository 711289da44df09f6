import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { apiOf } from '../support/api.ts';
import { controlBackends } from '../support/control-stores.ts';
import { eventually } from '../support/eventually.ts';
import { startTestService } from '../support/service.ts';

const postgres = controlBackends().find(({ name }) => name === 'postgres');
const dataDir = mkdtempSync(join(tmpdir(), 'system-service-postgres-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

describe.skipIf(postgres === undefined)('the service on PostgreSQL', () => {
  it('keeps alerts and notifications there, over a kill -9', async () => {
    const database = await postgres!.createEmpty();
    // The test server listens on a socket in a folder, which a URL names by a parameter.
    const env = { DATABASE_URL: database.url.replace('@/', '@localhost/') };
    const first = await startTestService({ dataDir, env });
    const created = await apiOf(first.url).post('/api/alerts', { name: 'Raised by hand', severity: 'error' });
    expect(created.status).toBe(201);
    await eventually(async () => {
      const { body } = await apiOf(first.url).get('/api/notifications?user_id=local');
      expect(body.items[0]).toMatchObject({ alert_id: created.body.id, type: 'alert.firing' });
    });
    await first.kill();

    const second = await startTestService({ dataDir, env });
    const api = apiOf(second.url);
    expect((await api.get(`/api/alerts/${created.body.id}`)).body).toMatchObject({
      state: 'firing',
      severity: 'error',
    });
    expect((await api.post(`/api/alerts/${created.body.id}/resolve`, { by: 'ann' })).status).toBe(200);
    const { body } = await api.get(`/api/alerts/history?alert_id=${created.body.id}`);
    expect(body.items).toEqual([expect.objectContaining({ state: 'resolved', resolved_by: 'ann' })]);
    expect((await api.get('/health')).body.checks.control_store.status).toBe('ok');
    await second.stop();
    await database.drop();
  });
});
