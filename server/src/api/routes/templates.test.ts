import type { FastifyInstance } from 'fastify';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { controlBackends, type TestDatabase } from '../../../../tests/support/control-stores.ts';
import { type NotificationApp, startNotificationApp } from '../../../../tests/support/notification-app.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import type { Notifications } from '../../notifications/index.ts';
import type { ControlStore } from '../../stores/control/index.ts';

const OWN = {
  id: 'validated',
  types: ['validation'],
  subject: 'Model {{ model }}',
  message: 'Model {{ model }} is {{ result }}.',
  variables: { model: { type: 'string', required: true, example: 'pump' }, result: { example: 'valid' } },
  variants: [{ locale: 'de', subject: 'Modell {{ model }}', message: 'Modell {{ model }}: {{ result }}' }],
};

describe.each(controlBackends())('templates on $name', (backend) => {
  let database: TestDatabase;
  let store: ControlStore;
  let served: NotificationApp;
  let notifications: Notifications;
  let app: FastifyInstance;
  const clock = new VirtualClock();

  beforeAll(async () => {
    database = await backend.create();
    store = await database.open();
  });

  afterAll(() => database.drop());

  async function serve() {
    served = await startNotificationApp({ store, clock });
    ({ notifications, app } = served);
  }

  beforeEach(async () => {
    await store.db.deleteFrom('notification_template_versions').execute();
    await serve();
  });

  afterEach(async () => {
    await served.stop();
  });

  async function call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) {
    const answer = await app.inject({
      method,
      url: `/api/notifications/${path}`,
      headers: body ? { 'content-type': 'application/json' } : {},
      ...(body && { payload: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, body: answer.body === '' ? undefined : answer.json() };
  }

  const create = (body: object) => call('POST', 'templates', body);
  const said = async (body: object) => {
    const { body: answer } = await call('POST', 'notify', { user_id: 'ann', type: 'validation', ...body });
    const inbox = await app.inject({ url: '/api/notifications?user_id=ann' });
    return inbox.json().items.find((item: { id: string }) => item.id === answer.id);
  };

  it('keeps a template with its versions, also over a restart', async () => {
    expect((await create(OWN)).body).toMatchObject({ id: 'validated', version: 1, origin: 'api', lint: [] });
    expect((await create(OWN)).status).toBe(409);
    const { id: _id, ...rest } = OWN;
    const changed = await call('PUT', 'templates/validated', { ...rest, subject: 'New', version: 1 });
    expect(changed.body).toMatchObject({ version: 2, subject: 'New' });
    expect((await call('PUT', 'templates/validated', { ...rest, version: 1 })).status).toBe(409);
    await served.stop();
    await serve();
    const versions = (await call('GET', 'templates/validated/versions')).body.items;
    expect(versions.map((one: { subject: string }) => one.subject)).toEqual(['New', 'Model {{ model }}']);
    expect((await call('DELETE', 'templates/validated')).status).toBe(204);
    expect((await call('GET', 'templates/validated')).status).toBe(404);
    const restored = await call('POST', 'templates/validated/restore', { version: 1 });
    expect(restored.body).toMatchObject({ version: 4, subject: 'Model {{ model }}' });
  });

  it('refuses mistakes at save, with their places', async () => {
    const { status, body } = await create({ ...OWN, message: 'a\n{{ modl }} {{ model | shout }}' });
    expect(status).toBe(422);
    expect(body.errors).toEqual([{ path: 'message', message: 'line 2, column 12: undefined filter: shout' }]);
    const unknown = await create({ ...OWN, message: '{{ modl }}' });
    expect(unknown.body.errors).toEqual([
      { path: 'message', message: 'line 1, column 4: unknown variable "modl"; did you mean model?' },
    ]);
    expect((await create({ ...OWN, id: 'preview' })).status).toBe(422);
  });

  it('speaks by the type, in the language of the request, and asks for what it needs', async () => {
    await create(OWN);
    const data = { model: 'pump', result: 'valid' };
    expect(await said({ data, template: 'validated' })).toMatchObject({
      subject: 'Model pump',
      message: 'Model pump is valid.',
    });
    expect(await said({ data, template: 'validated', locale: 'de-AT' })).toMatchObject({ subject: 'Modell pump' });
    const refused = await call('POST', 'notify', { user_id: 'ann', template: 'validated', data: { result: 'x' } });
    expect(refused.body.errors).toEqual([{ path: 'data.model', message: 'the template "validated" needs it' }]);
    const other = await call('POST', 'notify', { user_id: 'ann', template: 'validated', data: { model: 7 } });
    expect(other.body.errors).toEqual([
      { path: 'data.model', message: 'the template "validated" needs one of the type string' },
    ]);
  });

  it('previews with what is given, with the last real data, with examples', async () => {
    await create(OWN);
    const preview = (body: object, path = 'validated/preview') => call('POST', `templates/${path}`, body);
    const type = `validation-${backend.name}`;
    const draft = { ...OWN, types: [type] };
    expect((await preview({ template: draft }, 'preview')).body).toMatchObject({
      sample: 'examples',
      message: 'Model pump is valid.',
    });
    await call('POST', 'notify', { user_id: 'ann', type, message: 'x', data: { model: 'valve', result: 'broken' } });
    expect((await preview({ template: draft, locale: 'de' }, 'preview')).body).toMatchObject({
      sample: 'last_event',
      message: 'Modell valve: broken',
    });
    expect((await preview({ data: { model: 'fan' } })).body).toMatchObject({ sample: 'given', subject: 'Model fan' });
    const broken = await preview({ template: { ...draft, message: '{% if %}' } }, 'preview');
    expect(broken.body).toMatchObject({
      error: expect.stringContaining('cannot be rendered'),
      lint: [{ level: 'error' }],
    });
  });

  it('copies the predefined ones, which stay as they are', async () => {
    expect((await call('PUT', 'templates/alert.firing', { subject: 'a', message: 'b' })).status).toBe(409);
    const copy = await call('POST', 'templates/alert.firing/copy', { id: 'our-alert' });
    expect(copy.body).toMatchObject({ id: 'our-alert', types: ['alert.firing'], lists_labels: true, version: 1 });
    const ids = (await call('GET', 'templates')).body.items.map((item: { id: string }) => item.id);
    expect(ids).toEqual(expect.arrayContaining(['alert.firing', 'our-alert', 'plain']));
  });

  it('lets the configuration go before, and says where it differs from what was saved', async () => {
    await create(OWN);
    notifications.templates.provision([{ id: 'validated', types: [], subject: 'From the file', message: 'm' }]);
    expect((await call('GET', 'templates/validated')).body).toMatchObject({
      origin: 'file',
      subject: 'From the file',
      drift: 'different',
    });
    expect((await call('DELETE', 'templates/validated')).status).toBe(409);
    notifications.templates.provision([]);
    expect((await call('GET', 'templates/validated')).body).toMatchObject({ origin: 'api', drift: null });
  });
});
