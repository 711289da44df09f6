import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { apiOf } from '../support/api.ts';
import { controlBackends } from '../support/control-stores.ts';
import { eventually } from '../support/eventually.ts';
import { HttpStandIn } from '../support/http-stand-in.ts';
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

  it('is shared by two services: each delivery by one of them, and what one leaves behind by the other', async () => {
    const database = await postgres!.createEmpty();
    const url = database.url.replace('@/', '@localhost/');
    const [targets, each] = [8, 10];
    let hanging = false;
    const receiver = await HttpStandIn.start(() => (hanging ? 'silent' : { status: 200 }));
    const env = { DATABASE_URL: url, WEBHOOK_ALLOW: `127.0.0.1:${receiver.port}` };
    const folders = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'system-service-shared-')));
    const services = await Promise.all(folders.map((folder) => startTestService({ dataDir: folder, env })));
    const [first, second] = services as [(typeof services)[number], (typeof services)[number]];
    const notify = (service: typeof first, target: number, message: string) =>
      apiOf(service.url).post('/api/notifications/notify', {
        ...{ type: 'report', channel: 'webhook', to: `${receiver.url}/${target}`, message },
      });
    for (let number = 0; number < each; number++) {
      const answers = await Promise.all(
        Array.from({ length: targets }, (_, target) =>
          notify(services[(number + target) % 2]!, target, String(number)),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
    }
    await eventually(() => expect(receiver.requests.length).toBe(targets * each));
    const ids = receiver.requests.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(ids.length);

    // One of them dies with attempts under way, and leaves others that it had not begun.
    receiver.requests.length = 0;
    hanging = true;
    await second.stop();
    for (let number = 0; number < 3; number++) {
      for (let target = 0; target < targets; target++) await notify(first, target, String(number));
    }
    await eventually(() => expect(receiver.requests.length).toBeGreaterThanOrEqual(targets));
    await first.kill();
    hanging = false;
    const begun = new Set(receiver.requests.map(({ headers }) => headers['webhook-id']));
    receiver.requests.length = 0;
    const heir = await startTestService({ dataDir: folders[1]!, env });
    // The leases of the dead would end in less than a minute: time that nobody has to wait for here.
    const store = await database.open();
    await store.db.updateTable('delivery_lanes').set({ lease_until: 0 }).where('lease_until', '>', 0).execute();
    await eventually(() => {
      const told = new Set(receiver.requests.map(({ headers }) => headers['webhook-id']));
      expect(told.size).toBe(targets * 3);
      expect(receiver.requests).toHaveLength(targets * 3);
      for (const id of begun) expect(told).toContain(id);
    }, 60_000);
    for (let target = 0; target < targets; target++) {
      const own = receiver.requests.filter(({ path }) => path === `/${target}`);
      expect(own.map(({ body }) => JSON.parse(body).data.message)).toEqual(['0', '1', '2']);
    }
    await heir.stop();
    await receiver.stop();
    await database.drop();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
});
