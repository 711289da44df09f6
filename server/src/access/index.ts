export { ApiKeys, createAuthenticator } from './api-keys.ts';
