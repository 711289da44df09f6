export { suppressionsOf } from './address-suppression-store.ts';
export {
  deleteEpisodesBefore,
  type EpisodeDelivery,
  type EpisodeFilter,
  endEpisodes,
  firedEvent,
  insertAlertEvents,
  insertEpisodes,
  listDeliveriesOfEpisodes,
  listEpisodeEvents,
  listEpisodes,
  listOpenEpisodes,
  type StoredAlertEvent,
  type StoredEpisode,
  updateEpisode,
} from './alert-episode-store.ts';
export {
  deleteInstance,
  findMark,
  listInstances,
  type StoredInstance,
  saveInstances,
  saveMark,
} from './alert-instance-store.ts';
export {
  deleteAlertGroups,
  deleteGroupMembers,
  deleteRoutedAlerts,
  linkNotifications,
  listAlertGroups,
  listGroupMembers,
  listRoutedAlerts,
  type StoredAlertGroup,
  type StoredGroupMember,
  type StoredRoutedAlert,
  saveAlertGroups,
  saveGroupMembers,
  saveRoutedAlerts,
} from './alert-routing-store.ts';
export {
  claimIdempotencyKey,
  deleteForgottenRules,
  deleteIdempotencyKeysBefore,
  findIdempotencyKey,
  insertRule,
  listRules,
  listRuleVersions,
  markRuleDeleted,
  type StoredRule,
  updateRule,
} from './alert-rule-store.ts';
export {
  type AnnotationFilter,
  deleteAnnotation,
  deleteAnnotationsBefore,
  deleteDeploys,
  findAnnotation,
  insertAnnotation,
  listAnnotations,
  type StoredAnnotation,
  updateAnnotation,
} from './annotation-store.ts';
export { deleteApiKey, findApiKey, insertApiKey, listApiKeys } from './api-key-store.ts';
export {
  deleteChannel,
  deleteSuppression,
  listChannels,
  listSuppressions,
  type StoredChannel,
  type StoredSuppression,
  saveChannel,
  saveSuppression,
} from './channel-store.ts';
export { checkControlStore } from './check-control-store.ts';
export { backUpSqlite } from './connection/sqlite.ts';
export type { ControlStore, Executor } from './control-store.ts';
export {
  claimServiceVersion,
  deleteCorrelationRule,
  listCorrelationRules,
  listDependencies,
  listServiceVersions,
  type StoredCorrelationRule,
  type StoredServiceVersion,
  saveCorrelationRule,
  saveDependencies,
  saveServiceVersions,
} from './correlation-store.ts';
export { countDead, type DeadDelivery, type DeadFilter, listDead, takeDead } from './dead-delivery-store.ts';
export {
  type Claim,
  claimDeliveries,
  type DeliveryChange,
  finishDelivery,
  type HeadDecision,
  hasDue,
  moveRetriesBack,
  moveWaitingBack,
  nextClaimAt,
  outboxBacklog,
  releaseAllLanes,
} from './delivery-lanes.ts';
export {
  cancelWaiting,
  countLostDeliveries,
  deleteDelivery,
  findThreadRoot,
  insertDeliveries,
  listAttempts,
  listDeliveries,
  listEpisodeDeliveries,
  requeueDeliveries,
  type StoredAttempt,
  type StoredDelivery,
  settleByProvider,
} from './delivery-store.ts';
export { listDirectoryEntries, saveDirectoryEntry } from './directory-store.ts';
export { eraseActor, eraseMember, eraseSchedules, type NamedPlace, placesThatName } from './erasure-store.ts';
export {
  countEpisodesSince,
  deleteEscalationPolicy,
  deleteEscalationsBefore,
  findDueEscalation,
  insertEscalatedEpisodes,
  listDueEscalations,
  listEscalatedEpisodes,
  listEscalationPolicies,
  listEscalationsOf,
  listOpenEscalations,
  nextEscalationAt,
  type StoredEscalation,
  saveEscalation,
  saveEscalationPolicy,
} from './escalation-store.ts';
export { type EventFilter, insertEvent, listEvents, newestEventOf, type StoredEvent } from './event-store.ts';
export { deleteFlapsBefore, listFlaps, saveFlaps } from './flap-store.ts';
export { GroupCommit } from './group-commit.ts';
export { deleteHeartbeat, listHeartbeats, type StoredHeartbeat, saveHeartbeat } from './heartbeat-store.ts';
export {
  endHeld,
  heldForRate,
  holdDelivery,
  inboxStateOf,
  listChains,
  listReleases,
  nextHeldAt,
  releaseHeld,
  takeDueHeld,
} from './held-delivery-store.ts';
export {
  type ChangedInboxItem,
  changeInboxItems,
  countInboxes,
  type InboxAction,
  type InboxCounts,
  type InboxSelection,
  insertInboxItem,
  listInboxAfter,
  newestSeqs,
  nextSnoozeEnd,
  resurfaceSnoozed,
} from './inbox-store.ts';
export {
  countIncidentsByStatus,
  countMembers,
  deleteIncidentsBefore,
  deleteSnoozes,
  findIncident,
  type IncidentDelivery,
  type IncidentFilter,
  insertIncidentEvents,
  listAlertEventsOfIncident,
  listDeliveriesOfIncident,
  listIncidentEvents,
  listIncidents,
  listMemberEpisodes,
  listRecentIncidents,
  listSnoozes,
  type MemberEpisode,
  moveEpisodes,
  type StoredIncident,
  type StoredIncidentEvent,
  type StoredMembership,
  saveIncidents,
  saveSnooze,
  type TimelinePosition,
} from './incident-store.ts';
export {
  type AlertNoise,
  type AnalyticsFilter,
  countDeliveries,
  type DeliveryCount,
  deleteEventsBefore,
  deleteNotificationsBefore,
  eraseDeliveries,
  eraseInbox,
  eraseNotifications,
  erasePreferences,
  loudestAlerts,
  timesUntil,
} from './notification-history-store.ts';
export { takeNotificationKey } from './notification-key-store.ts';
export {
  advanceNotificationSchedule,
  deleteNotificationSchedule,
  dueNotificationSchedules,
  findNotificationSchedule,
  insertNotificationSchedule,
  listNotificationSchedules,
  nextScheduleAt,
  type StoredNotificationSchedule,
  updateNotificationSchedule,
} from './notification-schedule-store.ts';
export {
  findNotificationByDedupKey,
  getNotification,
  insertNotification,
  listNotifications,
  type NotificationFilter,
  type NotificationView,
  newestNotificationOf,
  type StoredNotification,
} from './notification-store.ts';
export {
  deleteOnCallOverride,
  deleteOnCallSchedule,
  insertOnCallOverride,
  listOnCallOverrides,
  listOnCallSchedules,
  type StoredOnCallOverride,
  saveOnCallSchedule,
} from './on-call-store.ts';
export { openControlStore } from './open-control-store.ts';
export {
  listContacts,
  listPreferences,
  listProfiles,
  replaceContacts,
  type StoredContact,
  type StoredPreference,
  type StoredProfile,
  savePreference,
  saveProfile,
} from './preference-store.ts';
export { deleteRuleFile, listRuleFiles, saveRuleFile } from './rule-file-store.ts';
export { deleteSeenSeries, listSeenSeries, type StoredSeenSeries, saveSeenSeries } from './seen-series-store.ts';
export {
  deleteMaintenanceWindow,
  deleteRoutingConfig,
  deleteSilencesBefore,
  findRoutingConfig,
  listMaintenanceWindows,
  listSilences,
  type StoredMaintenanceWindow,
  type StoredSilence,
  saveMaintenanceWindow,
  saveRoutingConfig,
  saveSilence,
} from './suppression-store.ts';
export {
  insertTemplateVersion,
  listNewestTemplates,
  listTemplateVersions,
  type StoredTemplateVersion,
} from './template-store.ts';
export {
  deleteSubscription,
  deleteTopic,
  listSubscriptions,
  listTopics,
  type StoredSubscription,
  saveSubscription,
  saveTopic,
} from './topic-store.ts';
