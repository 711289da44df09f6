export { SystemServiceClient } from './client.ts';
export { ServiceProblem } from './http.ts';
export type { Inbox, InboxOptions, InboxState } from './inbox.ts';
export type {
  Annotation,
  AnnotationFilter,
  AnnotationForm,
  CloudEvent,
  Delivery,
  EventsAnswer,
  InboxCounts,
  Notification,
  NotificationDetail,
  NotificationFilter,
  NotifyAnswer,
  NotifyRequest,
  Page,
  Preferences,
  Schedule,
  ScheduleForm,
  Severity,
} from './types.ts';
