import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Of the whole service, in this order: where a long file begins late, one processor idles at the end. */
const LONGEST = [
  'packed',
  'write-ahead-log',
  'outage',
  'console',
  'console-alert-routing',
  'prometheus-remote-write',
  'storage',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`) && moduleId.includes('/tests/'));
      return index === -1 ? LONGEST.length : index;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    // The embedded engine lives in the main thread of a process, so every test file gets a process of its own.
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    globalSetup: 'tests/support/temporary-files.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A busy machine is slow, not wrong.
    expect: { poll: { timeout: 30_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'client/src/**/*.test.ts',
            'server/src/**/*.test.ts',
            'console/src/**/*.test.{ts,tsx}',
            'scripts/**/*.test.ts',
          ],
        },
      },
      {
        extends: true,
        // The stores again, over a ClickHouse server in place of the embedded engine.
        test: {
          name: 'by-url',
          include: [
            'server/src/stores/telemetry/clickhouse/{log,trace,metric}-store.test.ts',
            'server/src/stores/telemetry/clickhouse/click-house-{call,red}-store.test.ts',
            'server/src/stores/telemetry/clickhouse/{native-block,sample-attachments,recent-samples}.test.ts',
            'server/src/stores/telemetry/clickhouse/schema/migrations.test.ts',
            'server/src/stores/telemetry/storage/storage.test.ts',
          ],
          env: { TEST_CLICKHOUSE: 'url' },
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/demo/**'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        // Alone on the machine: it measures processor load.
        test: {
          name: 'demo',
          include: ['tests/demo/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
