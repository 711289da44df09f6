import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { controlBackends, type TestDatabase } from '../../../tests/support/control-stores.ts';

const CHILD = fileURLToPath(new URL('../../../tests/support/flapping-alert.ts', import.meta.url));
const START = Date.UTC(2026, 0, 5);
const DAY_MS = 86_400_000;

/** Runs the child on the database and kills it without warning, each time at another moment of its work. */
async function runAndKill(database: TestDatabase, round: number): Promise<void> {
  const child = spawn(process.execPath, [CHILD, database.url, `${START + round * DAY_MS}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  for (let dots = 0; dots < 2; ) dots += (await once(child.stdout!, 'data'))[0].length;
  await new Promise((resolve) => setTimeout(resolve, 7 * round));
  child.kill('SIGKILL');
  await once(child, 'close');
}

it.each(controlBackends())('on $name every transition is stored whole or not at all', async (backend) => {
  const database = await backend.create();
  try {
    await (await database.open()).close();
    for (let round = 0; round < 5; round++) await runAndKill(database, round);
    const { db } = await database.open();
    const episodes = await db.selectFrom('alert_episodes').selectAll().execute();
    const instances = await db.selectFrom('alert_instances').selectAll().execute();
    const events = await db.selectFrom('episode_events').select(['episode_id', 'kind']).execute();
    const notifications = await db
      .selectFrom('notifications')
      .innerJoin('notification_episodes', 'notification_episodes.notification_id', 'notifications.id')
      .select(['notification_episodes.episode_id', 'type'])
      .execute();
    expect(episodes.length).toBeGreaterThan(5);

    const open = episodes.filter(({ ended_at }) => ended_at === null).map(({ id }) => id);
    expect(instances.map(({ episode_id }) => episode_id).sort()).toEqual(open.sort());
    const told = (type: string) => notifications.filter((row) => row.type === type).map((row) => row.episode_id);
    const happened = (kind: string) => events.filter((row) => row.kind === kind).map((row) => row.episode_id);
    const all = episodes.map(({ id }) => id).sort();
    const ended = all.filter((id) => !open.includes(id));
    expect([told('alert.firing').sort(), happened('fired').sort()]).toEqual([all, all]);
    expect([told('alert.resolved').sort(), happened('resolved').sort()]).toEqual([ended, ended]);
    const groups = await db.selectFrom('alert_groups').select('id').execute();
    const members = await db.selectFrom('group_members').select('episode_id').execute();
    expect([groups.length, members.map((row) => row.episode_id).sort()]).toEqual([open.length > 0 ? 1 : 0, open]);
  } finally {
    await database.drop();
  }
});
