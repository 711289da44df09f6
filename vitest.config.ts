import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** In this order, before all others: where a long file begins late, processors idle at the end. */
const LONGEST = [
  'espice-stack',
  'outage',
  'packed',
  'write-ahead-log',
  'console',
  'console-alert-routing',
  'prometheus-remote-write',
  'prometheus-side-by-side',
  'dispatch',
  'storage',
  'notifications',
  'holding',
  'incidents',
  'escalation',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const index = LONGEST.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return index === -1 ? LONGEST.length : index;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

/** Their main part is waiting: they run beside the one that measures processor load. */
const WAITING = ['tests/faults/outage.test.ts', 'tests/e2e/prometheus-remote-write.test.ts'];

/** Faults are repeated as often as `npm run faults -- --rounds` says. */
const SYSTEM_TIMEOUT = 180_000 * Math.max(1, Number(process.env.FAULT_ROUNDS ?? 1));

const UNIT = [
  'client/src/**/*.test.ts',
  'server/src/**/*.test.ts',
  'console/src/**/*.test.{ts,tsx}',
  'scripts/**/*.test.ts',
];

/**
 * A test file has a process of its own where it uses the embedded engine, which lives in the main thread, or measures
 * memory. The other unit tests share theirs.
 */
const NEEDS_PROCESS =
  /support\/(service|ingest-server|telemetry-store|test-engine)|\/telemetry(-store|\/index)?\.ts|clickhouse|memoryUsage/;
const ROOT = import.meta.dirname;
const APART = globSync(UNIT, { cwd: ROOT }).filter((file) =>
  NEEDS_PROCESS.test(readFileSync(join(ROOT, file), 'utf8')),
);

export default defineConfig({
  test: {
    pool: 'forks',
    // One more than the processors of a small machine: there is always one that waits.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    globalSetup: ['tests/support/temporary-files.ts', 'tests/support/compiled-code.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A busy machine is slow, not wrong.
    expect: { poll: { timeout: 30_000 } },
    projects: [
      {
        extends: true,
        // Modules are loaded once for all of them.
        test: { name: 'unit', include: UNIT, exclude: APART, isolate: false },
      },
      {
        extends: true,
        test: { name: 'apart', include: APART },
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
          exclude: ['tests/demo/**', 'tests/conformance/**', ...WAITING],
          testTimeout: SYSTEM_TIMEOUT,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        // By itself: `npm run conformance`.
        test: {
          name: 'conformance',
          include: ['tests/conformance/**/*.test.ts'],
          testTimeout: SYSTEM_TIMEOUT,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        // Nothing else has to do with the processors meanwhile: the demo measures their load.
        test: {
          name: 'demo',
          include: ['tests/demo/**/*.test.ts', ...WAITING],
          testTimeout: SYSTEM_TIMEOUT,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
