export { credentialsNote, describeConfig, helpText } from './help.ts';
export { ConfigError, loadConfig } from './load.ts';
export type { Config } from './settings.ts';
