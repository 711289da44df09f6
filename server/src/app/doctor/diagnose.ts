import type { Config } from '../../config/index.ts';
import type { Logger } from '../../model/logger.ts';
import type { Finding } from './finding.ts';
import { diskFinding, machineFindings } from './machine-findings.ts';
import { mailFinding, portFindings } from './network-findings.ts';
import { controlFinding, directoryFindings, telemetryFinding } from './store-findings.ts';

/** Looks at everything that the service needs, one after the other. What is there stays as it is; what is missing is made. */
export async function* diagnose(config: Config, logger: Logger): AsyncGenerator<Finding> {
  yield* machineFindings();
  const directory = directoryFindings(config);
  yield* directory.findings;
  yield* await portFindings(config, directory.inUse);
  yield await mailFinding(config);
  if (!directory.usable) return;
  yield await diskFinding(config);
  yield await controlFinding(config, logger);
  // Last: a processor that the engine cannot run on ends the process.
  yield await telemetryFinding(config, directory.inUse, logger);
}
