import { join, resolve } from 'node:path';
import type { Config } from '../config/index.ts';
import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';
import type { ControlStore } from '../stores/control/index.ts';
import {
  DiskBudget,
  ExpirySweep,
  type RetentionChange,
  type RetentionSetting,
  RollupJob,
  TelemetryStorage,
  type TelemetryStore,
} from '../stores/telemetry/index.ts';
import { Backups } from './backups.ts';

/** What looks after the disk: how long data stays, how much it may take, copies of it. */
export interface StorageCare {
  readonly storage: TelemetryStorage;
  readonly retention: RetentionSetting;
  /** Changes what is kept, in the setting and in the tables. */
  changeRetention(change: RetentionChange): Promise<void>;
  readonly budget: DiskBudget | undefined;
  readonly backups: Backups;
  stop(): Promise<void>;
}

export interface StorageCareInputs {
  readonly config: Config;
  readonly telemetry: TelemetryStore;
  readonly control: ControlStore;
  readonly retention: RetentionSetting;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Where backups are made, which the engine must know when it opens. */
export function backupDirOf(config: Config): string {
  return resolve(config.backupDir ?? join(config.dataDir, 'backups'));
}

/** Starts what drops days: those past their retention, and the oldest where there is a budget. */
export function startStorageCare(inputs: StorageCareInputs): StorageCare {
  const { config, telemetry, control, retention, clock, logger } = inputs;
  const isEmbedded = config.clickhouseUrl === undefined;
  const storage = new TelemetryStorage(telemetry, isEmbedded ? config.dataDir : undefined, clock);
  const budget =
    config.diskBudget === undefined
      ? undefined
      : new DiskBudget({ stored: storage, limitBytes: config.diskBudget, clock, logger });
  const backups = new Backups({
    dataDir: config.dataDir,
    backupDir: backupDirOf(config),
    telemetry,
    engine: storage.engine,
    control,
    clock,
    logger,
  });
  const sweep = new ExpirySweep({ stored: storage, retention: () => retention.current, clock, logger });
  const rollups = new RollupJob({
    clickHouse: telemetry.clickHouse,
    cluster: telemetry.cluster,
    isWanted: () => (retention.current.rollupsMs ?? 0) > retention.current.metricsMs,
    onRolled: () => telemetry.metrics.rollupsChanged(),
    clock,
    logger,
  });
  rollups.start();
  sweep.start();
  budget?.start();
  return {
    storage,
    retention,
    changeRetention: async (change) => {
      const { metricsMs } = retention.current;
      retention.change(change);
      logger.info({ retention: retention.current }, 'retention changed');
      // What goes now may not be rolled up yet.
      if (retention.current.metricsMs < metricsMs) await rollups.run();
      await telemetry.setRetention(retention.current);
      await sweep.sweep();
    },
    budget,
    backups,
    stop: async () => {
      await rollups.stop();
      await sweep.stop();
      await budget?.stop();
      await backups.stop();
    },
  };
}
