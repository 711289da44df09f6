import type { Storage } from '../../api-client/types.ts';

export type Signal = Storage['signals'][number]['signal'];

const NAMES: Record<Signal, string> = {
  logs: 'Logs',
  traces: 'Traces',
  metrics: 'Metrics',
  rollups: 'Rollups of metrics',
};

export function nameOfSignal(signal: Signal): string {
  return NAMES[signal];
}
