export type { ContainerReading } from './container-reading.ts';
export { memoryPercent } from './container-series.ts';
export { type ContainersSnapshot, DockerCollector } from './docker-collector.ts';
