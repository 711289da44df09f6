export { type SeenVersion, SeenVersions } from './seen-versions.ts';
