export { InboxSockets } from './inbox-sockets.ts';
