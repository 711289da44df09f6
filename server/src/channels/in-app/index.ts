export { INBOX_PROTOCOL } from './inbox-connection.ts';
export { InboxSockets, type InboxSource } from './inbox-sockets.ts';
