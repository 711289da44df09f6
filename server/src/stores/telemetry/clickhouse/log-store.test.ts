import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LogWords, logOf } from '../../../../../tests/support/log-builder.ts';
import { unpackLog } from '../../../../../tests/support/packed-signals.ts';
import { openTestTelemetryStore } from '../../../../../tests/support/telemetry-store.ts';
import { highlighter, parseSearch } from '../../../query/search/index.ts';
import type { LogListOptions, LogPosition, LogSelection, StoredLog } from '../log-store.ts';
import type { TelemetryStore } from '../telemetry-store.ts';
import { listLogs } from './log-sql.ts';
import { ClickHouseLogStore } from './log-store.ts';

const T = Date.UTC(2026, 0, 5, 12);
const HOUR = 3_600_000;
/** Every group of tests has a day of its own. */
const day = (number: number) => ({ start: T + number * 24 * HOUR, end: T + number * 24 * HOUR + HOUR });

let store: TelemetryStore;
let reader: ClickHouseLogStore;

beforeAll(async () => {
  store = await openTestTelemetryStore();
  reader = new ClickHouseLogStore(store.clickHouse);
});
afterAll(() => store?.close());

const write = (...records: LogWords[]) => store.writeLogs(records.map(logOf));

async function bodies(selection: LogSelection): Promise<string[]> {
  const { records } = await reader.list(selection, { order: 'oldest', limit: 1000 });
  return records.map((record) => record.body);
}

describe('list', () => {
  const range = day(0);
  const at = range.start;

  beforeAll(() =>
    write(
      { at, nanos: 1, body: 'a', severityNumber: 1, severityText: '' },
      { at, nanos: 2, body: 'b', severityNumber: 13, service: 'espice/orders' },
      { at: at + 1, body: 'c', severityNumber: 16, attributes: { 'http.route': '/x', empty: '' } },
      { at: at + 2, body: 'd', severityNumber: 17, resourceAttributes: { 'http.route': '/x' } },
      {
        at: at + 3,
        body: 'e',
        severityNumber: 24,
        traceId: '5b8efff798038103d269b633813fc60c',
        spanId: '00f067aa0ba902b7',
      },
      { at: at + 4, body: 'f', severityNumber: 0, resourceAttributes: { 'deployment.environment.name': 'staging' } },
      { at: at + 5, body: 'g', resourceAttributes: { 'deployment.environment': 'staging', environment: 'x' } },
      { at: at - 1, body: 'before' },
      { at: range.end, body: 'after' },
    ),
  );

  it.each<[string, Omit<LogSelection, 'range'>, string]>([
    ['everything in the window', {}, 'abcdefg'],
    ['a service', { service: 'espice/orders' }, 'b'],
    ['a level', { level: { level: 'warn', andAbove: false } }, 'bc'],
    ['a level and above', { level: { level: 'warn', andAbove: true } }, 'bcde'],
    ['the highest level', { level: { level: 'fatal', andAbove: false } }, 'e'],
    ['no level', { level: { level: 'unknown', andAbove: false } }, 'f'],
    ['a trace', { traceId: '5b8efff798038103d269b633813fc60c' }, 'e'],
    ['an attribute of record or resource', { attributes: [['http.route', '/x']] }, 'cd'],
    ['an attribute that is empty', { attributes: [['empty', '']] }, 'c'],
    [
      'two attributes',
      {
        attributes: [
          ['http.route', '/x'],
          ['empty', ''],
        ],
      },
      'c',
    ],
    ['an environment', { environment: 'staging' }, 'fg'],
    ['nothing', { service: "'; DROP TABLE otel_logs; --" }, ''],
  ])('finds %s', async (_name, selection, found) => {
    expect((await bodies({ range, ...selection })).join('')).toBe(found);
  });

  it('gives the newest first, and records as they were written', async () => {
    const { records, next } = await reader.list({ range }, { order: 'newest', limit: 3 });
    expect(records.map((record) => record.body)).toEqual(['g', 'f', 'e']);
    const { id, ...record } = records[2]!;
    expect(record).toEqual(
      unpackLog(
        logOf({
          at: at + 3,
          body: 'e',
          severityNumber: 24,
          traceId: '5b8efff798038103d269b633813fc60c',
          spanId: '00f067aa0ba902b7',
        }),
      ),
    );
    expect(next).toBeDefined();
    expect(await reader.get(id)).toEqual(records[2]);
    expect(await reader.get(id.toUpperCase())).toEqual(records[2]);
  });

  it('takes any text as the value of a condition', async () => {
    const odd = 'tab\t quote\' double" back\\slash nl\n nul\0 {p1:String} é 日本 😀';
    await write({ at: at + 60_000, body: odd, service: odd, attributes: { [odd]: odd } });
    expect(await bodies({ range, service: odd, attributes: [[odd, odd]] })).toEqual([odd]);
    const filter = parseSearch(`message:"${odd.replace(/[\\"]/g, '\\$&')}"`);
    expect(await bodies({ range, filter })).toEqual([odd]);
  });

  it('takes windows beyond what a time of the engine can hold', async () => {
    expect(await bodies({ range: { start: -1e15, end: 1e18 }, service: 'espice/orders' })).toEqual(['b']);
  });

  it('counts exactly up to the bound', async () => {
    const selection = { range, level: { level: 'warn', andAbove: true } } as const;
    expect(await reader.count(selection, 4)).toEqual({ count: 4, isExact: true });
    expect(await reader.count(selection, 3)).toEqual({ count: 3, isExact: false });
  });

  it.each(['', 'x', '01890000-0000-7000-8000-000000000000'])('knows no record %s', async (id) => {
    expect(await reader.get(id)).toBeUndefined();
  });
});

describe('search', () => {
  const range = day(1);
  const lines = [
    'Connection to db-1 refused',
    'connection REFUSED: timeout after 30s',
    'timeouts are fine',
    'user_id=42 [ERROR] foo.bar failed',
    'foo bar',
    'Größe überschritten',
    'GRÖSSE',
    '发生错误了',
    'GET /api/orders?id=1 200',
    '100% of a_b',
    '',
  ];

  beforeAll(() =>
    write(
      ...lines.map((body, index) => ({
        at: range.start + index,
        body,
        severityNumber: index === 1 ? 17 : 9,
        service: index === 8 ? 'gateway' : 'shop',
        attributes:
          index === 8 ? { status: '200', size: '1.5e3', note: 'abc', 'http.route': '/api/orders' } : { note: '' },
        resourceAttributes: { 'host.name': index < 5 ? 'web-1' : 'web-2', environment: 'test' },
      })),
    ),
  );

  it.each<[string, number[]]>([
    ['timeout', [1]],
    ['TIMEOUT', [1]],
    ['refused connection', [0, 1]],
    ['connection -timeout', [0]],
    ['timeout OR timeouts', [1, 2]],
    ['timeout*', [1, 2]],
    ['*out', [1]],
    ['conn*ion', [0, 1]],
    ['"connection refused"', [1]],
    ['"connection ref"', []],
    ['db-1', [0]],
    ['1', [0, 8]],
    ['foo.bar', [3]],
    ['"foo bar"', [4]],
    ['foo', [3, 4]],
    ['"[ERROR]"', [3]],
    ['"ERROR] f"', []],
    ['user_id=42', [3]],
    ['größe', [5]],
    ['grösse', [6]],
    ['ÜBERSCHRITTEN', [5]],
    ['错误', [7]],
    ['/api/orders', [8]],
    ['/api/', [8]],
    ['/orders.*2\\d\\d$/', [8]],
    ['/(?i)ERROR/', [3]],
    ['/error/', []],
    ['"100%"', [9]],
    ['a_b', [9]],
    ['a*b', [9]],
    ['*', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
    ['message:*', [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['message:foo', [3, 4]],
    ['-message:*', [10]],
    ['service:gateway', [8]],
    ['service:gate*', [8]],
    ['-service:shop', [8]],
    ['environment:test timeout', [1]],
    ['level:error', [1]],
    ['level:>info', [1]],
    ['level:<=info timeout', []],
    ['status:200', [8]],
    ['status:>=200', [8]],
    ['status:>200', []],
    ['size:<2000', [8]],
    ['-status:>100 /^t/', [2]],
    ['note:* -note:abc', [0, 1, 2, 3, 4, 5, 6, 7, 9, 10]],
    ['note:a*c', [8]],
    ['note:/^.b/', [8]],
    ['note:/^$/ foo', [3, 4]],
    ['http.route:/api/*', [8]],
    ['http.route:*', [8]],
    ['host.name:web-1 foo', [3, 4]],
    ['nothing:/^$/', []],
    ['(timeout OR foo) -bar', [1]],
  ])('%s', async (search, found) => {
    const filter = parseSearch(search);
    expect(await bodies({ range, filter })).toEqual(found.map((index) => lines[index]));
  });

  it('finds exactly what would be highlighted', async () => {
    const piece = fc.constantFrom('ab', 'AB', 'b', 'ä', 'Ä', '.', '-', ' ', '错', '\\*', '1', '_', '(');
    const text = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(''));
    const range = day(2);
    const messages = fc.sample(text, { numRuns: 200, seed: 7 }).map((message) => message.replaceAll('\\', ''));
    await write(...messages.map((body, index) => ({ at: range.start + index, body })));
    const search = fc.oneof(
      text.map((phrase) => ({ kind: 'text', text: phrase, match: 'phrase' }) as const),
      text.map((word) => ({ kind: 'text', text: word.replaceAll(' ', '*'), match: 'wildcard' }) as const),
    );
    await fc.assert(
      fc.asyncProperty(search, async (filter) => {
        fc.pre(/[^*\s]/.test(filter.text));
        const highlight = highlighter(filter);
        const expected = messages.filter((message) => highlight(message).length > 0);
        expect(await bodies({ range, filter })).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('answers for a rare word by the text index', async () => {
    const range = day(3);
    const many = Array.from({ length: 40_000 }, (_, index) => ({
      at: range.start + index,
      body: `request ${index} done${index === 30_000 ? ' needle' : ''}`,
    }));
    await write(...many);
    for (const search of ['needle', '"done needle"', 'need*']) {
      const { sql, parameters } = listLogs({ range, filter: parseSearch(search) }, { order: 'newest', limit: 10 });
      const plan = await store.clickHouse.query<{ explain: string }>(`EXPLAIN indexes = 1 ${sql}`, { parameters });
      const text = plan.map((row) => row.explain).join('\n');
      const index = /Name: idx_body[\s\S]*?Granules: (\d+)\/(\d+)/.exec(text);
      expect(index, text).not.toBeNull();
      expect(Number(index![1]), text).toBeLessThanOrEqual(1);
    }
    expect(await bodies({ range, filter: parseSearch('needle') })).toEqual(['request 30000 done needle']);
  });
});

describe('paging', () => {
  const range = day(5);
  const records: LogWords[] = [];
  // Many at one nanosecond, some of them the same to the last letter.
  for (let index = 0; index < 120; index++) {
    records.push({ at: range.start + Math.floor(index / 40), nanos: index % 3, body: `line ${index % 7}` });
  }
  let all: readonly StoredLog[];

  beforeAll(async () => {
    await write(...records.slice(0, 50));
    await write(...records.slice(50));
    all = (await reader.list({ range }, { order: 'newest', limit: 1000 })).records;
  });

  async function pages(selection: LogSelection, options: Omit<LogListOptions, 'after'>): Promise<StoredLog[]> {
    const listed: StoredLog[] = [];
    let after: LogPosition | undefined;
    do {
      const page = await reader.list(selection, { ...options, ...(after && { after }) });
      listed.push(...page.records);
      expect(page.records.length).toBeLessThanOrEqual(options.limit);
      // As it comes back in a cursor.
      after = page.next && (JSON.parse(JSON.stringify(page.next)) as LogPosition);
    } while (after);
    return listed;
  }

  it('gives every record once, whatever the limit and order', async () => {
    expect(all).toHaveLength(records.length);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 7, max: 130 }), fc.boolean(), async (limit, isNewest) => {
        const listed = await pages({ range }, { order: isNewest ? 'newest' : 'oldest', limit });
        const times = listed.map((record) => record.timeUnixNano);
        expect(times).toEqual([...times].sort((a, b) => (isNewest ? Number(b - a) : Number(a - b))));
        expect(listed.map((record) => record.id).sort()).toEqual(all.map((record) => record.id).sort());
      }),
      {
        numRuns: 8,
        examples: [
          [1, true],
          [1, false],
          [120, true],
          [119, false],
        ],
      },
    );
  });

  it('gives each an id of its own that leads back to it', async () => {
    expect(new Set(all.map((record) => record.id)).size).toBe(all.length);
    for (const record of all.slice(0, 30)) expect(await reader.get(record.id)).toEqual(record);
  });

  it('ends a page early where its messages are large', async () => {
    const range = day(7);
    const large = Array.from({ length: 20 }, (_, index) => ({
      at: range.start + Math.floor(index / 2),
      body: `${index} ${'x'.repeat(1024 * 1024)}`,
    }));
    await write(...large);
    const first = await reader.list({ range }, { order: 'newest', limit: 20 });
    expect(first.records.length).toBe(16);
    for (const order of ['newest', 'oldest'] as const) {
      const listed = await pages({ range }, { order, limit: 20 });
      const numbers = listed.map((record) => Number.parseInt(record.body, 10));
      expect(numbers.sort((a, b) => a - b)).toEqual(large.map((_, index) => index));
    }
  });

  it('pages through a search', async () => {
    const filter = parseSearch('line -5 -6');
    const listed = await pages({ range, filter }, { order: 'newest', limit: 9 });
    const expected = all.filter((record) => !/[56]/.test(record.body)).map((record) => record.id);
    expect(listed.map((record) => record.id)).toEqual(expected);
  });
});
