export { ApiKeys, createAuthenticator } from './api-keys.ts';
export { SocketTickets } from './socket-tickets.ts';
