export { HostCollector, type HostSnapshot } from './host-collector.ts';
