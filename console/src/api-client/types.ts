/** The shapes that the console reads: the service's own contract, as types. */
export type {
  AlertGroup,
  MaintenancePreview,
  MaintenanceWindow,
  RouteTest,
  RoutingView,
  Silence,
  SilencePreview,
} from '../../../server/src/api/contract/alert-routing.ts';
export type {
  Alert,
  AlertVersionList,
  Episode,
  Preview as AlertTest,
} from '../../../server/src/api/contract/alerts.ts';
export type { AnnotationView as Annotation } from '../../../server/src/api/contract/annotations.ts';
export type { ChannelList, ChannelTest, DeadList, ReplayAnswer } from '../../../server/src/api/contract/channels.ts';
export type { List as Page } from '../../../server/src/api/contract/common.ts';
export type {
  CorrelationPreview,
  CorrelationRuleList,
  CorrelationRuleView as CorrelationRule,
} from '../../../server/src/api/contract/correlation-rules.ts';
export type {
  EscalationList,
  EscalationPolicyView as EscalationPolicy,
} from '../../../server/src/api/contract/escalation.ts';
export type { EventList } from '../../../server/src/api/contract/events.ts';
export type { Health } from '../../../server/src/api/contract/health.ts';
export type { HeartbeatView as Heartbeat } from '../../../server/src/api/contract/heartbeats.ts';
export type {
  BulkItem,
  IncidentList,
  IncidentSummary,
  IncidentTimeline,
  IncidentView as Incident,
} from '../../../server/src/api/contract/incidents.ts';
export type { Containers, Infrastructure } from '../../../server/src/api/contract/infrastructure.ts';
export type { IngestReport } from '../../../server/src/api/contract/ingest.ts';
export type { LiveEvent } from '../../../server/src/api/contract/live-metrics.ts';
export type { LogAnalytics, LogItem, LogSearchResult } from '../../../server/src/api/contract/logs.ts';
export type {
  CardinalityAnswer as Cardinality,
  ExplainAnswer as Explanation,
  UnusedAnswer as UnusedMetrics,
} from '../../../server/src/api/contract/metric-explorer.ts';
export type {
  MetricHistoryAnswer as MetricHistory,
  MetricItem,
  MetricsAnswer,
} from '../../../server/src/api/contract/metrics.ts';
export type { NotificationAnalytics } from '../../../server/src/api/contract/notification-history.ts';
export type { NotificationScheduleView as NotificationSchedule } from '../../../server/src/api/contract/notification-schedules.ts';
export type {
  Notification,
  NotificationDetail,
  NotificationFrame,
  NotifyAnswer,
} from '../../../server/src/api/contract/notifications.ts';
export type {
  OnCallOverview,
  OnCallScheduleView as OnCallSchedule,
  OnCallShiftView as OnCallShift,
} from '../../../server/src/api/contract/on-call.ts';
export type {
  PerformanceDetail,
  PerformanceList,
  ServiceList,
  ServicePerformance,
} from '../../../server/src/api/contract/performance.ts';
export type {
  PreferenceExplanation,
  Preferences,
  PreferencesBody,
} from '../../../server/src/api/contract/preferences.ts';
export type { Targets } from '../../../server/src/api/contract/prometheus.ts';
export type { RuleFileImport, RuleFileList } from '../../../server/src/api/contract/rule-files.ts';
export type { ServiceMap } from '../../../server/src/api/contract/service-map.ts';
export type { Storage } from '../../../server/src/api/contract/storage.ts';
export type { TemplatePreview, TemplateVersionList, TemplateView } from '../../../server/src/api/contract/templates.ts';
export type { SubscriptionView as Subscription, TopicView as Topic } from '../../../server/src/api/contract/topics.ts';
export type { SpanItem, TraceDetail, TraceItem } from '../../../server/src/api/contract/traces.ts';
