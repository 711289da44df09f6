export { joinSources } from './joined-source.ts';
export { RemoteEngine } from './remote-engine.ts';
export { RemotePrometheus } from './remote-prometheus.ts';
export { RemoteSeriesIndex } from './remote-series-index.ts';
export { RemoteSource } from './remote-source.ts';
export { joinIndexes, type SeriesIndex } from './series-index.ts';
