export { joinSources } from './joined-source.ts';
export { RemoteEngine } from './remote-engine.ts';
export { RemotePrometheus } from './remote-prometheus.ts';
export { RemoteSource } from './remote-source.ts';
