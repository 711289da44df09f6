export { INBOX_PROTOCOL } from '../channels/in-app/index.ts';
export type { InboxAction } from '../stores/control/index.ts';
export type { EnqueuedNotification } from './enqueue.ts';
export type { DeliveryItem, NotificationItem } from './item.ts';
export { furthestStatus } from './lifecycle.ts';
export { type NotificationSettings, Notifications } from './notifications.ts';
export type { PreferenceSheet, PreferenceUpdate } from './preference-book.ts';
export { createLiquid } from './templates/liquid.ts';
