import type { ContainerFigures } from '../analysis/derived-series/index.ts';
import { type ContainerReading, memoryPercent } from '../collectors/docker/index.ts';

/** A container as the derived series see it: the analysis knows nothing of Docker. */
export function containerFigures(container: ContainerReading): ContainerFigures {
  const { service, environment, state, health, usage, restartCount } = container;
  return {
    service,
    environment,
    running: state === 'running',
    healthy: health !== 'unhealthy',
    cpuPercent: usage?.cpuPercent,
    memoryBytes: usage?.memoryBytes,
    memoryPercent: usage && memoryPercent(usage),
    restartCount,
  };
}
