import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import {
  type Annotation,
  type AnnotationFilter,
  type AnnotationForm,
  type EventsAnswer,
  type Inbox,
  type InboxCounts,
  type InboxOptions,
  type Notification,
  type NotificationDetail,
  type NotificationFilter,
  type NotifyAnswer,
  type NotifyRequest,
  type Preferences,
  type Schedule,
  type ScheduleForm,
  ServiceProblem,
  SystemServiceClient,
} from '../../../client/src/index.ts';
import { controlBackends, type TestDatabase } from '../../../tests/support/control-stores.ts';
import { eventually } from '../../../tests/support/eventually.ts';
import { type NotificationApp, startNotificationApp } from '../../../tests/support/notification-app.ts';
import { systemClock } from '../model/clock.ts';
import type { annotation, annotationBody, annotationFilters } from './contract/annotations.ts';
import type { eventsAnswer } from './contract/events.ts';
import type { inboxCounts } from './contract/inbox.ts';
import type { notificationSchedule, notificationScheduleForm } from './contract/notification-schedules.ts';
import type * as contract from './contract/notifications.ts';
import type { preferences } from './contract/preferences.ts';

const KEY = 'a+key/of=the,tests';
const FAST = { first: 20, longest: 40, poll: 30, silence: 60_000 };

describe('the types of the client', () => {
  it('are those of the contract', () => {
    expectTypeOf<z.output<typeof contract.notificationList>['items'][number]>().toExtend<Notification>();
    expectTypeOf<z.output<typeof contract.notifyAnswer>>().toExtend<NotifyAnswer>();
    expectTypeOf<z.output<typeof eventsAnswer>>().toExtend<EventsAnswer>();
    expectTypeOf<z.output<typeof inboxCounts>>().toExtend<InboxCounts>();
    expectTypeOf<z.output<typeof contract.notificationDetail>>().toExtend<NotificationDetail>();
    expectTypeOf<z.output<typeof annotation>>().toExtend<Annotation>();
    expectTypeOf<AnnotationForm>().toExtend<z.input<typeof annotationBody>>();
    expectTypeOf<keyof AnnotationFilter>().toExtend<keyof z.input<typeof annotationFilters>>();
    expectTypeOf<keyof NotificationFilter>().toExtend<keyof z.input<typeof contract.notificationFilters>>();
    expectTypeOf<z.output<typeof preferences>>().toExtend<Preferences>();
    expectTypeOf<z.output<typeof notificationSchedule>>().toExtend<Schedule>();
    expectTypeOf<keyof ScheduleForm>().toExtend<keyof z.input<typeof notificationScheduleForm>>();
    expectTypeOf<keyof NotifyRequest>().toExtend<keyof z.input<typeof contract.notifyBody>>();
    expectTypeOf<Omit<NotifyRequest, 'channel'>>().toExtend<Omit<z.input<typeof contract.notifyBody>, 'channel'>>();
  });
});

describe('SystemServiceClient', () => {
  let database: TestDatabase;
  let served: NotificationApp;
  let port = 0;
  let client: SystemServiceClient;
  const inboxes: Inbox[] = [];

  beforeEach(async () => {
    database = await controlBackends()[0]!.create();
    await serve(0);
    client = new SystemServiceClient({ url: `http://127.0.0.1:${port}`, apiKey: KEY });
  });

  afterEach(async () => {
    for (const inbox of inboxes.splice(0)) inbox.close();
    await served.stop();
    await database.drop();
  });

  async function serve(on: number) {
    served = await startNotificationApp({ store: await database.open(), clock: systemClock, key: KEY });
    const { app } = served;
    await app.listen({ host: '127.0.0.1', port: on });
    port = (app.server.address() as AddressInfo).port;
  }

  function open(userId: string, options: InboxOptions = {}, by = client) {
    const subjects: string[] = [];
    const inbox = by.inbox(userId, {
      pauses: FAST,
      onNotification: ({ subject }) => subjects.push(subject),
      ...options,
    });
    inboxes.push(inbox);
    return { inbox, subjects };
  }

  const tell = (subject: string) => client.notify({ user_id: 'ann', subject, message: subject });

  it('notifies once for a key, and names what is wrong', async () => {
    const once = () => client.notify({ user_id: 'ann', message: 'x' }, { idempotencyKey: 'k', wait: true });
    expect((await once()).id).toBe((await once()).id);
    expect(await client.notifyAll([1, 2].map(() => ({ user_id: 'ann', message: 'x' })))).toHaveLength(2);
    const problem = await client.notify({ message: 'for whom?' }).catch((error) => error);
    expect(problem).toBeInstanceOf(ServiceProblem);
    expect(problem).toMatchObject({ status: 422, errors: [{ path: 'user_id' }] });
  });

  it('sends events', async () => {
    const event = { id: '1', source: '/test', type: 'com.example.test', data: { a: 1 } };
    expect(await client.sendEvents(event)).toMatchObject({ accepted: 1, duplicates: 0 });
    expect(await client.sendEvents(event)).toMatchObject({ accepted: 0, duplicates: 1 });
  });

  it('says things later and takes them back, sets preferences, and writes down what happened', async () => {
    const { id } = await client.notify({ user_id: 'ann', message: 'later', send_at: 'now+1h' });
    expect((await client.notification(id)).deliveries).toMatchObject([{ status: 'scheduled', reason: 'send_at' }]);
    expect((await client.cancel(id)).deliveries).toMatchObject([{ status: 'canceled' }]);
    expect(await client.setPreferences('ann', { time_zone: 'Europe/Paris' })).toMatchObject({ user_id: 'ann' });
    expect(await client.preferences('ann')).toMatchObject({ time_zone: 'Europe/Paris' });
    const notification = { user_id: 'ann', message: 'stand up' };
    const form = { name: 'daily', start: '2026-01-05T09:00', rrule: 'FREQ=DAILY', notification };
    const schedule = await client.schedule(form);
    expect(schedule.upcoming).toHaveLength(5);
    await client.unschedule(schedule.id);
    await client.annotate({ kind: 'deploy', service: 'shop', version: '1.4' });
    const { items } = await client.annotations({ service: 'shop', end: 'now+1m' });
    expect(items).toMatchObject([{ title: 'Deploy of shop 1.4' }]);
  });

  it('changes items of inboxes', async () => {
    const [one, two] = [await tell('one'), await tell('two')];
    expect(await client.counts('ann')).toMatchObject({ unread: 2, unseen: 2 });
    expect(await client.change(one.id, { user_id: 'ann', read: true })).toMatchObject({ id: one.id });
    expect(await client.changeMany('ann', 'archive', [two.id])).toBe(1);
    expect(await client.changeMany('ann', 'delete', 'all')).toBe(2);
    expect((await client.notifications({ user_id: 'ann', archived: true })).items).toEqual([]);
  });

  it('hears what comes and what other tabs do', async () => {
    const counts: number[] = [];
    const states: string[] = [];
    const { inbox, subjects } = open('ann', {
      onCounts: ({ unread }) => counts.push(unread),
      onUpdated: ({ state }) => states.push(state),
    });
    await eventually(() => expect(inbox.state).toBe('live'));
    const { id } = await tell('hello');
    await eventually(() => expect(subjects).toEqual(['hello']));
    await client.change(id, { user_id: 'ann', read: true });
    await eventually(() => expect([states, counts.at(-1)]).toEqual([['read'], 0]));
    expect(inbox.lastSeq).toBe(1);
  });

  it('goes on over an outage: polls, connects again, gets each once', async () => {
    const states: string[] = [];
    const { subjects } = open('ann', { onState: (state) => states.push(state) });
    await eventually(() => expect(states).toEqual(['live']));
    await tell('before');
    await eventually(() => expect(subjects).toEqual(['before']));
    await served.stop();
    await eventually(() => expect(states).toEqual(['live', 'polling']));
    await serve(port);
    await tell('during');
    await eventually(() => expect(states.at(-1)).toBe('live'));
    await tell('after');
    await eventually(() => expect(subjects).toEqual(['before', 'during', 'after']));
  });

  it('asks for the list where sockets do not get through', async () => {
    class NoSocket {
      onclose: (() => void) | undefined;
      constructor() {
        queueMicrotask(() => this.onclose?.());
      }
      close() {}
    }
    const { inbox, subjects } = open('ann', { WebSocket: NoSocket as unknown as typeof WebSocket });
    await eventually(() => expect(inbox.state).toBe('polling'));
    await tell('one');
    await tell('two');
    await eventually(() => expect(subjects).toEqual(['one', 'two']));
  });

  it('needs no key where it has tickets', async () => {
    const page = new SystemServiceClient({ url: `http://127.0.0.1:${port}` });
    const { inbox } = open('ann', { ticket: () => client.ticket('ann') }, page);
    await eventually(() => expect(inbox.state).toBe('live'));
  });
});
