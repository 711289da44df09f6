/**
 * The notification centre on a SQLite file, in a process of its own and in virtual time, so that a test can end it as
 * `kill -9` does: from outside, or by itself at a step of a delivery. Started by `delivery-run.ts`.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { NotificationRequest } from '../../server/src/model/notification-request.ts';
import type { DeliveryStep } from '../../server/src/notifications/delivery-step.ts';
import { type NotificationSettings, Notifications } from '../../server/src/notifications/index.ts';
import { openControlStore } from '../../server/src/stores/control/index.ts';
import type { DeliveryCommand, DeliveryRunOptions } from './delivery-run.ts';
import { VirtualClock } from './virtual-clock.ts';

const logger = { debug() {}, info() {}, warn() {}, error() {} };
const options = JSON.parse(process.argv[2]!) as DeliveryRunOptions;

const store = await openControlStore({ url: options.path, logger, fsync: '1s' });
const clock = new VirtualClock(options.now);
let dieAt: DeliveryStep | undefined;
const notifications = new Notifications({
  ...{ store, clock, logger, random: () => 0.5 },
  settings: options.settings as NotificationSettings,
  atStep: (step) => {
    if (step === dieAt) process.kill(process.pid, 'SIGKILL');
  },
});

/** Lets virtual time pass, but not during attempts: the servers take real time to answer. */
async function advance(ms: number): Promise<void> {
  for (let rest = ms; rest > 0; rest -= 1000) {
    await clock.advance(Math.min(1000, rest));
    while ((await leased()) > 0) await pause(2);
  }
}

async function leased(): Promise<number> {
  const lanes = store.db.selectFrom('delivery_lanes').select('lane').where('lease_until', '>', clock.now());
  return (await lanes.execute()).length;
}

async function run(command: DeliveryCommand): Promise<unknown> {
  switch (command.do) {
    case 'send': {
      dieAt = command.dieAt;
      const ids: string[] = [];
      for (const request of command.requests as NotificationRequest[]) {
        const { deliveries } = await store.transaction((db) => notifications.enqueue(db, request));
        ids.push(...deliveries.map(({ id }) => id));
        notifications.wake();
      }
      return ids;
    }
    case 'advance':
      await advance(command.ms);
      return (await notifications.status()).waiting;
    case 'jump':
      clock.jump(clock.now() + command.ms);
      return undefined;
    case 'statuses': {
      const rows = await store.db.selectFrom('deliveries').select(['id', 'status', 'reason']).execute();
      return rows;
    }
  }
}

await notifications.start();
process.on('message', (command: DeliveryCommand) => {
  run(command).then(
    (value) => process.send!({ value, now: clock.now() }),
    (error) => process.send!({ problem: String(error), now: clock.now() }),
  );
});
process.send!({ now: clock.now() });
