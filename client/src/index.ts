export { SystemServiceClient } from './client.ts';
export { ServiceProblem } from './http.ts';
export type { Inbox, InboxOptions, InboxState } from './inbox.ts';
export type {
  CloudEvent,
  EventsAnswer,
  InboxCounts,
  Notification,
  NotificationFilter,
  NotifyAnswer,
  NotifyRequest,
  Page,
  Severity,
} from './types.ts';
