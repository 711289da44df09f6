import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { controlBackends, type TestDatabase } from '../../../../tests/support/control-stores.ts';
import type { Logger } from '../../model/logger.ts';
import { listEpisodeEvents, listOpenEpisodes } from './alert-episode-store.ts';
import { listGroupMembers } from './alert-routing-store.ts';
import type { ControlStore } from './control-store.ts';
import { GroupCommit } from './group-commit.ts';
import { listMemberEpisodes } from './incident-store.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { openControlStore } from './open-control-store.ts';
import { skipLocked } from './skip-locked.ts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

interface Jobs {
  jobs: { id: number; body: string | null; amount: number | null; owner: string | null };
}

const RULE = { id: 'r', version: 1, name: 'r', severity: 'error', service: '', enabled: 1, deleted_at: null };

const JOBS = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('jobs')
      .addColumn('id', 'bigint', (column) => column.primaryKey().notNull())
      .addColumn('body', 'text')
      .addColumn('amount', 'double precision')
      .addColumn('owner', 'text')
      .execute();
  },
};

describe.each(controlBackends())('control store on $name', (backend) => {
  let database: TestDatabase;
  let store: ControlStore;
  let jobs: Kysely<Jobs>;

  beforeEach(async () => {
    database = await backend.createEmpty();
    store = await database.open();
    await JOBS.up(store.db as unknown as Kysely<unknown>);
    jobs = store.db as unknown as Kysely<Jobs>;
  });
  afterEach(() => database.drop());

  /** A database as it was before a migration, and how to fill its tables. */
  async function openBefore(migration: string) {
    const older = await backend.createEmpty();
    const earlier = Object.entries(MIGRATIONS).filter(([name]) => name < migration);
    const { db, close } = await openControlStore({
      url: older.url,
      logger: silent,
      migrations: Object.fromEntries(earlier),
    });
    onTestFinished(async () => {
      await close();
      await older.drop();
    });
    const tables = db as unknown as Kysely<Record<string, Record<string, unknown>>>;
    const put = (table: string, ...rows: Record<string, unknown>[]) => tables.insertInto(table).values(rows).execute();
    return { db, put };
  }

  async function read(id: number) {
    return { ...(await jobs.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirstOrThrow()) };
  }

  it('sees two transactions through that want the same rows in opposite order', async () => {
    await jobs
      .insertInto('jobs')
      .values([1, 2].map((id) => ({ id, amount: 0 })))
      .execute();
    const add = (ids: readonly number[]) =>
      store.transaction(async (executor) => {
        for (const id of ids) {
          await (executor as unknown as Kysely<Jobs>)
            .updateTable('jobs')
            .set((row) => ({ amount: row('amount', '+', 1) }))
            .where('id', '=', id)
            .execute();
        }
      });
    await Promise.all(Array.from({ length: 4 }, (_, round) => add(round % 2 === 0 ? [1, 2] : [2, 1])));
    const rows = await jobs.selectFrom('jobs').select('amount').execute();
    expect(rows.map((row) => row.amount)).toEqual([4, 4]);
  });

  it('commits together what arrives together, and each by itself where one fails', async () => {
    const commits = new GroupCommit(store);
    const insert = (id: number) =>
      commits.run(async (executor) => {
        await (executor as unknown as Kysely<Jobs>).insertInto('jobs').values({ id }).execute();
        if (id === 3) throw new Error('refused');
        return id;
      });
    const results = await Promise.allSettled([1, 2, 3, 4].map(insert));
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value : result.reason.message))).toEqual([
      ...[1, 2, 'refused', 4],
    ]);
    expect(await insert(5)).toBe(5);
    const rows = await jobs.selectFrom('jobs').select('id').orderBy('id').execute();
    expect(rows.map(({ id }) => id)).toEqual([1, 2, 4, 5]);
  });

  it('tells of changed tables after the commit, and of nothing else', async () => {
    const heard: string[] = [];
    const readable: Promise<unknown>[] = [];
    const stop = store.watch(['jobs' as never], () => {
      heard.push('jobs');
      readable.push(jobs.selectFrom('jobs').select('id').execute());
    });
    store.watch(['api_keys'], () => heard.push('api_keys'));
    await store.transaction(async (executor) => {
      const inside = executor as unknown as Kysely<Jobs>;
      await inside.insertInto('jobs').values({ id: 1 }).execute();
      await inside.insertInto('jobs').values({ id: 2 }).returning('id').execute();
      expect(heard).toEqual([]);
    });
    expect(heard).toEqual(['jobs']);
    expect(await readable[0]).toHaveLength(2);
    await jobs.updateTable('jobs').set({ body: 'x' }).where('id', '=', 1).execute();
    expect(heard).toEqual(['jobs', 'jobs']);
    await jobs.selectFrom('jobs').selectAll().execute();
    await jobs.updateTable('jobs').set({ body: 'x' }).where('id', '=', 9).execute();
    await jobs.updateTable('jobs').set({ body: 'x' }).where('id', '=', 9).returning('id').execute();
    const failing = store.transaction(async (executor) => {
      await (executor as unknown as Kysely<Jobs>).deleteFrom('jobs').execute();
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(heard).toEqual(['jobs', 'jobs']);
    stop();
    await jobs.deleteFrom('jobs').execute();
    expect(heard).toEqual(['jobs', 'jobs']);
  });

  it('answers pings, and refuses them after it was closed', async () => {
    await expect(store.ping()).resolves.toBeUndefined();
    await store.close();
    await expect(store.ping()).rejects.toThrow();
  });

  it.each([
    ['a time in milliseconds', { id: Date.UTC(2026, 0, 5), body: 'x', amount: null, owner: null }],
    ['the largest exact integer', { id: Number.MAX_SAFE_INTEGER, body: '', amount: 0.1, owner: null }],
    ['a negative integer', { id: -5, body: 'ü 漢 🐘 \' " \\ \n', amount: -1e300, owner: null }],
    ['infinity', { id: 1, body: '{"a":"\\u0000"}', amount: Number.POSITIVE_INFINITY, owner: 'true' }],
  ])('gives back %s as it went in', async (_what, row) => {
    await jobs.insertInto('jobs').values(row).execute();
    expect(await read(row.id)).toEqual(row);
  });

  it('replaces U+0000, which one of the databases cannot hold', async () => {
    await jobs.insertInto('jobs').values({ id: 1, body: 'a\0b', amount: null, owner: null }).execute();
    expect((await read(1)).body).toBe('a\uFFFDb');
    expect(await jobs.selectFrom('jobs').select('id').where('body', 'in', ['a\0b', 'c']).execute()).toHaveLength(1);
  });

  it('counts and sums in numbers', async () => {
    for (const id of [1, 2, 3])
      await jobs.insertInto('jobs').values({ id, body: null, amount: 1.5, owner: null }).execute();
    const { count, total } = await jobs
      .selectFrom('jobs')
      .select((q) => [q.fn.countAll<number>().as('count'), q.fn.sum<number>('id').as('total')])
      .executeTakeFirstOrThrow();
    expect([count, total]).toEqual([3, 6]);
  });

  it('lets the next transaction begin when one is committed, and says nothing of one that fails', async () => {
    const said: string[] = [];
    const insert = (id: number) =>
      store.transaction(
        async (executor) => {
          const row = { id, body: null, amount: null, owner: null };
          await (executor as unknown as Kysely<Jobs>).insertInto('jobs').values(row).execute();
          if (id === 2) throw new Error('no');
        },
        () => said.push(`${id} is committed`),
      );
    const all = [1, 2, 3].map((id) => insert(id).then(() => said.push(`${id} is on disk`)));
    await Promise.allSettled(all);
    const expected = ['1 is committed', '1 is on disk', '3 is committed', '3 is on disk'];
    const isCommit = (text: string) => backend.name === 'sqlite' || !text.endsWith('committed');
    expect(said.toSorted()).toEqual(expected.filter(isCommit));
    for (const id of [1, 3].filter(() => backend.name === 'sqlite'))
      expect(said.indexOf(`${id} is committed`)).toBeLessThan(said.indexOf(`${id} is on disk`));
  });

  it('rolls back all of a transaction that fails', async () => {
    const failing = store.transaction(async (executor) => {
      await (executor as unknown as Kysely<Jobs>)
        .insertInto('jobs')
        .values({ id: 1, body: null, amount: null, owner: null })
        .execute();
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await jobs.selectFrom('jobs').selectAll().execute()).toEqual([]);
    await expect(store.ping()).resolves.toBeUndefined();
  });

  it('rolls back when a statement in the middle is refused', async () => {
    const failing = store.transaction(async (executor) => {
      const inside = executor as unknown as Kysely<Jobs>;
      await inside.insertInto('jobs').values({ id: 1, body: null, amount: null, owner: null }).execute();
      await inside.insertInto('jobs').values({ id: 1, body: null, amount: null, owner: null }).execute();
    });
    await expect(failing).rejects.toThrow();
    expect(await jobs.selectFrom('jobs').selectAll().execute()).toEqual([]);
  });

  it('keeps foreign keys', async () => {
    const orphan = { rule_id: 'none', version: 1, definition: '{}', changed_at: 1, changed_by: 'x' };
    await expect(store.db.insertInto('alert_rule_versions').values(orphan).execute()).rejects.toThrow();
  });

  it('serves transactions that overlap', async () => {
    await jobs.insertInto('jobs').values({ id: 1, body: null, amount: 0, owner: null }).execute();
    const add = () =>
      store.transaction(async (executor) => {
        const inside = executor as unknown as Kysely<Jobs>;
        await inside
          .updateTable('jobs')
          .set((q) => ({ amount: q('amount', '+', 1) }))
          .where('id', '=', 1)
          .execute();
      });
    await Promise.all(Array.from({ length: 40 }, add));
    expect((await read(1)).amount).toBe(40);
  });

  it('hands each row to one claimer', async () => {
    const rows = Array.from({ length: 60 }, (_, id) => ({ id, body: null, amount: null, owner: null }));
    await jobs.insertInto('jobs').values(rows).execute();
    const other = await database.open();
    const claim = async (from: ControlStore, owner: string) => {
      const claimed: number[] = [];
      for (;;) {
        const got = await from.transaction((executor) =>
          (executor as unknown as Kysely<Jobs>)
            .with('picked', (q) =>
              q
                .selectFrom('jobs')
                .select('id')
                .where('owner', 'is', null)
                .orderBy('id')
                .limit(7)
                .$call(skipLocked(from.kind)),
            )
            .updateTable('jobs')
            .set({ owner })
            .where('id', 'in', (q) => q.selectFrom('picked').select('id'))
            .returning('id')
            .execute(),
        );
        claimed.push(...got.map((row) => row.id));
        if (got.length === 0) return claimed;
      }
    };
    const all = await Promise.all([claim(store, 'a'), claim(other, 'b'), claim(store, 'c')]);
    expect(all.flat().sort((a, b) => a - b)).toEqual(rows.map((row) => row.id));
  });

  it('keeps everything over a restart, and migrates once', async () => {
    await jobs.insertInto('jobs').values({ id: 1, body: 'kept', amount: null, owner: null }).execute();
    await store.close();
    store = await database.open();
    jobs = store.db as unknown as Kysely<Jobs>;
    expect((await read(1)).body).toBe('kept');
  });

  it('opens an empty database twice at the same time', async () => {
    const empty = await backend.createEmpty();
    try {
      const [first] = await Promise.all([empty.open(), empty.open()]);
      await expect(first.ping()).resolves.toBeUndefined();
    } finally {
      await empty.drop();
    }
  });

  it('leaves nothing of a failing migration behind and says which it was', async () => {
    const broken = {
      async up(db: Kysely<unknown>) {
        await db.schema.createTable('half').addColumn('id', 'text').execute();
        throw new Error('out of luck');
      },
    };
    const opening = openControlStore({
      url: database.url,
      logger: silent,
      migrations: { ...MIGRATIONS, '9999-broken': broken },
    });
    await expect(opening).rejects.toThrow(/9999-broken/);
    const tables = await store.db.introspection.getTables();
    expect(tables.map((table) => table.name)).not.toContain('half');
    if (backend.name === 'sqlite') expect(existsSync(`${database.url}.before-9999-broken`)).toBe(true);
  });

  it('gives the alerts of before a kind, with what they were', async () => {
    const levels = [{ severity: 'error', threshold: 90 }];
    const old = {
      a: { kind: 'threshold', query: 'up', operator: '<', levels, recoveryThreshold: null },
      b: { kind: 'presence', query: 'up == 0' },
      c: { kind: 'external' },
    };
    const { db } = store;
    for (const [id, condition] of Object.entries(old)) {
      const definition = JSON.stringify({ name: id, noData: 'fire', condition });
      const row = { id, version: 1, name: id, severity: 'error', service: '', enabled: 1, deleted_at: null };
      await db
        .insertInto('alert_rules')
        .values({ ...row, definition, created_at: 1, updated_at: 1 })
        .execute();
      const version = { rule_id: id, version: 1, definition, changed_at: 1, changed_by: 'x' };
      await db.insertInto('alert_rule_versions').values(version).execute();
    }
    await MIGRATIONS['0012-rule-kinds']!.up(db as unknown as Kysely<unknown>);
    const rules = await db.selectFrom('alert_rules').select('definition').orderBy('id').execute();
    const versions = await db.selectFrom('alert_rule_versions').select('definition').orderBy('rule_id').execute();
    expect(versions).toEqual(rules);
    const renewed = rules.map(({ definition }) => JSON.parse(definition));
    expect(renewed.map(({ condition }) => condition)).toEqual([
      { kind: 'promql', query: 'up', comparison: { operator: '<', levels, recoveryThreshold: null } },
      { kind: 'promql', query: 'up == 0', comparison: null },
      { kind: 'external', comparison: null },
    ]);
    expect(renewed[0]).toMatchObject({ noData: 'fire', onError: 'keep_last', missingTolerance: 2, red: null });
  });

  it('lets what escalates go on where it stands, once for an incident', async () => {
    const { db, put } = await openBefore('0025-incident-escalations');
    const episode = (id: string, incident: string) => ({
      ...{ id, rule_id: 'r', rule_name: 'r', severity: 'error', service: '', environment: '', labels: '{}' },
      ...{ fingerprint: id, state: 'firing', started_at: 1, fired_at: 1, incident_id: incident },
    });
    await put('alert_rules', { ...RULE, definition: '{}', created_at: 1, updated_at: 1 });
    await put('alert_episodes', episode('e1', 'i1'), episode('e2', 'i1'), episode('e3', 'i2'));
    const group = { route_key: 'r', receiver: 'x', labels: '{}', created_at: 1, sequence: 1, last_notified_at: 1 };
    const member = { joined_at: 1, sent_at: 1, sent_severity: 'error', hushed: 0, suppressed_by: '[]' };
    const escalation = { policy_id: 'p', policy: '{}', state: 'waiting', step: 2, loop: 0, last_step: 1, last_loop: 0 };
    for (const at of [1, 2, 3]) {
      await put('alert_groups', { ...group, id: `g${at}`, thread_id: `e${at}` });
      await put('alert_group_members', { ...member, group_id: `g${at}`, episode_id: `e${at}` });
      const times = { due_at: 9, next_at: 9, sequence: 2, held_by: '', started_at: at, updated_at: at };
      await put('escalations', { ...escalation, ...times, thread_id: `e${at}` });
    }
    await MIGRATIONS['0025-incident-escalations']!.up(db as unknown as Kysely<unknown>);
    const rows = await db.selectFrom('escalations').selectAll().orderBy('started_at').execute();
    expect(rows.map((row) => [row.incident_id, row.state, row.step, row.severity, row.thread_id])).toEqual([
      ['i1', 'waiting', 2, 'error', 'escalation:e1'],
      ['', 'closed', 2, 'info', 'escalation:e2'],
      ['i2', 'waiting', 2, 'error', 'escalation:e3'],
    ]);
    const alerts = await db.selectFrom('escalation_alerts').selectAll().orderBy('episode_id').execute();
    expect(alerts.map(({ episode_id }) => episode_id)).toEqual(['e1', 'e2', 'e3']);
  });

  it('keeps timelines, incidents and groups of alerts where they need fewer rows', async () => {
    const { db, put } = await openBefore('0036-fewer-rows');
    await put('alert_rules', { ...RULE, definition: '{}', created_at: 1, updated_at: 1 });
    const episodes = ['e1', 'e2'].map((id) => ({
      ...{ id, rule_id: 'r', rule_name: 'r', severity: 'error', service: '', environment: '', labels: '{}' },
      ...{ fingerprint: id, state: 'firing', started_at: 1, fired_at: 1, incident_id: id === 'e1' ? 'i' : null },
    }));
    await put('alert_episodes', ...episodes);
    await put('incident_members', { episode_id: 'e1', incident_id: 'i', joined_at: 5, reason: '{"kind":"opened"}' });
    const event = { rule_id: 'r', kind: 'fired', actor: 'ann', detail: '{}' };
    const events = [7, 6].map((at) => ({ ...event, id: `v${at}`, episode_id: 'e1', at }));
    await put('alert_events', ...events);
    const member = { joined_at: 1, sent_at: 2, sent_severity: 'error', hushed: 1, suppressed_by: '["silence:x"]' };
    await put('alert_group_members', { ...member, group_id: 'g', episode_id: 'e1' });
    await MIGRATIONS['0036-fewer-rows']!.up(db as unknown as Kysely<unknown>);
    expect(await listMemberEpisodes(db, ['i'])).toMatchObject([
      { id: 'e1', incident_id: 'i', joined_at: 5, join_reason: '{"kind":"opened"}' },
    ]);
    const [, alone] = await listOpenEpisodes(db);
    expect(alone).toMatchObject({ id: 'e2', incident_id: null, joined_at: null, join_reason: null });
    const timeline = await listEpisodeEvents(db, ['e1', 'e2']);
    expect(timeline.map(({ id, at, kind, actor }) => [id, at, kind, actor])).toEqual([
      ['v6', 6, 'fired', 'ann'],
      ['v7', 7, 'fired', 'ann'],
    ]);
    expect((await listGroupMembers(db)).map((row) => ({ ...row }))).toEqual([
      { ...member, group_id: 'g', episode_id: 'e1' },
    ]);
  });

  it('refuses data of a newer version', async () => {
    const newer = { ...MIGRATIONS, '9999-newer': JOBS_AGAIN };
    const upgraded = await openControlStore({ url: database.url, logger: silent, migrations: newer });
    await upgraded.close();
    await expect(openControlStore({ url: database.url, logger: silent })).rejects.toThrow(/newer version.*9999-newer/);
  });
});

const JOBS_AGAIN = {
  async up(db: Kysely<unknown>) {
    await db.schema.createTable('later').addColumn('id', 'text').execute();
  },
};

describe('a PostgreSQL that is not there', () => {
  it('is named as unavailable', async () => {
    const opening = openControlStore({ url: 'postgres://nobody@127.0.0.1:1/none', logger: silent });
    await expect(opening).rejects.toMatchObject({
      code: 'unavailable',
      message: 'the control database cannot be reached',
    });
  });
});

describe('the log of SQLite', () => {
  it('stays short however long many go on writing, and everything is there after it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'system-service-log-'));
    const path = join(folder, 'control.db');
    const migrations = { '0001-jobs': JOBS };
    const store = await openControlStore({ url: path, logger: silent, migrations });
    const jobs = store.db as unknown as Kysely<Jobs>;
    const body = 'x'.repeat(80_000);
    const writer = async (first: number) => {
      for (let id = first; id < 1500; id += 20) {
        await store.transaction(async (db) => {
          // The same few rows again and again: the database itself stays small.
          await (db as unknown as Kysely<Jobs>)
            .insertInto('jobs')
            .values({ id: id % 20, amount: id, body })
            .onConflict((conflict) => conflict.column('id').doUpdateSet({ amount: id, body }))
            .execute();
        });
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, first) => writer(first)));
    // 120 MB were written.
    expect(statSync(`${path}-wal`).size).toBeLessThan(64 * 1024 * 1024);
    await store.close();
    const again = await openControlStore({ url: path, logger: silent, migrations });
    const rows = await (again.db as unknown as typeof jobs).selectFrom('jobs').select('amount').execute();
    expect(rows.map(({ amount }) => amount!).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, n) => 1480 + n),
    );
    await again.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('keeps transactions that fail apart from those that wait for the disk', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'system-service-log-'));
    const path = join(folder, 'control.db');
    const store = await openControlStore({ url: path, logger: silent, migrations: { '0001-jobs': JOBS } });
    const insert = (db: unknown, id: number) => (db as Kysely<Jobs>).insertInto('jobs').values({ id }).execute();
    const results = await Promise.allSettled(
      Array.from({ length: 6 }, (_, id) =>
        store.transaction(async (db) => {
          await insert(db, id);
          if (id % 2 === 1) throw new Error('refused');
        }),
      ),
    );
    expect(results.map(({ status }) => status)).toEqual(
      Array.from({ length: 6 }, (_, id) => (id % 2 === 1 ? 'rejected' : 'fulfilled')),
    );
    const rows = await (store.db as unknown as Kysely<Jobs>).selectFrom('jobs').select('id').orderBy('id').execute();
    expect(rows.map(({ id }) => id)).toEqual([0, 2, 4]);
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
});
