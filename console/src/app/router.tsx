import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { NotFound } from './not-found.tsx';
import { RouteError } from './route-error.tsx';
import { keepTimeRange, parseSearch, readText, stringifySearch } from './search.ts';
import { Shell } from './shell.tsx';

const rootRoute = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  validateSearch: readText('start', 'end'),
  // The time range goes along from page to page.
  search: { middlewares: [keepTimeRange] },
});

const parent = () => rootRoute;
/** Of pages that show a stretch of time, which the reader chooses above. */
const timed = { hasTimeRange: true };

const overview = createRoute({
  getParentRoute: parent,
  path: '/',
  staticData: timed,
  component: lazyRouteComponent(() => import('../features/overview/overview-page.tsx'), 'OverviewPage'),
});
const logs = createRoute({
  getParentRoute: parent,
  path: '/logs',
  staticData: timed,
  validateSearch: readText('q', 'service', 'level', 'trace_id'),
  component: lazyRouteComponent(() => import('../features/logs/logs-page.tsx'), 'LogsPage'),
});
const traces = createRoute({
  getParentRoute: parent,
  path: '/traces',
  staticData: timed,
  validateSearch: readText('service', 'operation', 'min_duration_ms', 'status', 'attribute', 'sort'),
  component: lazyRouteComponent(() => import('../features/traces/traces-page.tsx'), 'TracesPage'),
});
const trace = createRoute({
  getParentRoute: parent,
  path: '/traces/$traceId',
  validateSearch: readText('span'),
  component: lazyRouteComponent(() => import('../features/traces/trace-page.tsx'), 'TracePage'),
});
const services = createRoute({
  getParentRoute: parent,
  path: '/services',
  staticData: timed,
  validateSearch: readText('search', 'view', 'sort'),
  component: lazyRouteComponent(() => import('../features/services/services-page.tsx'), 'ServicesPage'),
});
const service = createRoute({
  getParentRoute: parent,
  path: '/services/$service',
  staticData: timed,
  validateSearch: readText('sort'),
  component: lazyRouteComponent(() => import('../features/services/service-page.tsx'), 'ServicePage'),
});
const infrastructure = createRoute({
  getParentRoute: parent,
  path: '/infrastructure',
  staticData: timed,
  component: lazyRouteComponent(
    () => import('../features/infrastructure/infrastructure-page.tsx'),
    'InfrastructurePage',
  ),
});
const explore = createRoute({
  getParentRoute: parent,
  path: '/explore',
  staticData: timed,
  validateSearch: readText('query', 'metric', 'by', 'aggregate', 'rate', 'label', 'live', 'explain'),
  component: lazyRouteComponent(() => import('../features/explore/explore-page.tsx'), 'ExplorePage'),
});
const cardinality = createRoute({
  getParentRoute: parent,
  path: '/explore/cardinality',
  staticData: timed,
  validateSearch: readText('metric', 'label'),
  component: lazyRouteComponent(() => import('../features/explore/cardinality-page.tsx'), 'CardinalityPage'),
});
const unused = createRoute({
  getParentRoute: parent,
  path: '/explore/unused',
  validateSearch: readText('days'),
  component: lazyRouteComponent(() => import('../features/explore/unused-page.tsx'), 'UnusedPage'),
});
const alerts = createRoute({
  getParentRoute: parent,
  path: '/alerts',
  validateSearch: readText('state', 'severity', 'search'),
  component: lazyRouteComponent(() => import('../features/alerts/alerts-page.tsx'), 'AlertsPage'),
});
const alertHistory = createRoute({
  getParentRoute: parent,
  path: '/alerts/history',
  staticData: timed,
  validateSearch: readText('alert_id', 'state', 'severity', 'service'),
  component: lazyRouteComponent(() => import('../features/alerts/history-page.tsx'), 'HistoryPage'),
});
const silences = createRoute({
  getParentRoute: parent,
  path: '/alerts/silences',
  validateSearch: readText('state'),
  component: lazyRouteComponent(() => import('../features/silences/silences-page.tsx'), 'SilencesPage'),
});
const maintenance = createRoute({
  getParentRoute: parent,
  path: '/alerts/maintenance',
  validateSearch: readText('id'),
  component: lazyRouteComponent(() => import('../features/maintenance/maintenance-page.tsx'), 'MaintenancePage'),
});
const alertGroups = createRoute({
  getParentRoute: parent,
  path: '/alerts/groups',
  validateSearch: readText('receiver'),
  component: lazyRouteComponent(() => import('../features/alerts/groups-page.tsx'), 'GroupsPage'),
});
const ruleFiles = createRoute({
  getParentRoute: parent,
  path: '/alerts/rule-files',
  component: lazyRouteComponent(() => import('../features/rule-files/rule-files-page.tsx'), 'RuleFilesPage'),
});
const newAlert = createRoute({
  getParentRoute: parent,
  path: '/alerts/new',
  staticData: timed,
  validateSearch: readText('metric', 'service', 'query'),
  component: lazyRouteComponent(() => import('../features/alerts/new-alert-page.tsx'), 'NewAlertPage'),
});
const alert = createRoute({
  getParentRoute: parent,
  path: '/alerts/$alertId',
  staticData: timed,
  component: lazyRouteComponent(() => import('../features/alerts/alert-page.tsx'), 'AlertPage'),
});
const editAlert = createRoute({
  getParentRoute: parent,
  path: '/alerts/$alertId/edit',
  staticData: timed,
  component: lazyRouteComponent(() => import('../features/alerts/edit-alert-page.tsx'), 'EditAlertPage'),
});
const incidents = createRoute({
  getParentRoute: parent,
  path: '/incidents',
  validateSearch: readText('status', 'severity', 'service', 'assignee', 'search'),
  component: lazyRouteComponent(() => import('../features/incidents/incidents-page.tsx'), 'IncidentsPage'),
});
const correlation = createRoute({
  getParentRoute: parent,
  path: '/incidents/correlation',
  component: lazyRouteComponent(() => import('../features/incidents/correlation-page.tsx'), 'CorrelationPage'),
});
const incident = createRoute({
  getParentRoute: parent,
  path: '/incidents/$incidentId',
  component: lazyRouteComponent(() => import('../features/incidents/incident-page.tsx'), 'IncidentPage'),
});
const notifications = createRoute({
  getParentRoute: parent,
  path: '/notifications',
  validateSearch: readText('view'),
  component: lazyRouteComponent(() => import('../features/notifications/notifications-page.tsx'), 'NotificationsPage'),
});
const notificationHistory = createRoute({
  getParentRoute: parent,
  path: '/notifications/history',
  staticData: timed,
  validateSearch: readText('status', 'channel'),
  component: lazyRouteComponent(() => import('../features/notifications/history-page.tsx'), 'NotificationHistoryPage'),
});
const scheduled = createRoute({
  getParentRoute: parent,
  path: '/notifications/scheduled',
  validateSearch: readText('new'),
  component: lazyRouteComponent(
    () => import('../features/notifications/scheduled/scheduled-page.tsx'),
    'ScheduledPage',
  ),
});
const topics = createRoute({
  getParentRoute: parent,
  path: '/notifications/topics',
  validateSearch: readText('topic'),
  component: lazyRouteComponent(() => import('../features/notifications/topics/topics-page.tsx'), 'TopicsPage'),
});
const preferences = createRoute({
  getParentRoute: parent,
  path: '/notifications/preferences',
  component: lazyRouteComponent(() => import('../features/notifications/preferences-page.tsx'), 'PreferencesPage'),
});
const templates = createRoute({
  getParentRoute: parent,
  path: '/notifications/templates',
  validateSearch: readText('id'),
  component: lazyRouteComponent(() => import('../features/notifications/templates-page.tsx'), 'TemplatesPage'),
});
const channels = createRoute({
  getParentRoute: parent,
  path: '/channels',
  validateSearch: readText('id'),
  component: lazyRouteComponent(() => import('../features/channels/channels-page.tsx'), 'ChannelsPage'),
});
const routing = createRoute({
  getParentRoute: parent,
  path: '/routing',
  validateSearch: readText('labels'),
  component: lazyRouteComponent(() => import('../features/routing/routing-page.tsx'), 'RoutingPage'),
});
const onCall = createRoute({
  getParentRoute: parent,
  path: '/on-call',
  validateSearch: readText('from'),
  component: lazyRouteComponent(() => import('../features/on-call/on-call-page.tsx'), 'OnCallPage'),
});
const escalation = createRoute({
  getParentRoute: parent,
  path: '/escalation',
  component: lazyRouteComponent(() => import('../features/escalation/escalation-page.tsx'), 'EscalationPage'),
});
const heartbeats = createRoute({
  getParentRoute: parent,
  path: '/heartbeats',
  component: lazyRouteComponent(() => import('../features/heartbeats/heartbeats-page.tsx'), 'HeartbeatsPage'),
});
const targets = createRoute({
  getParentRoute: parent,
  path: '/targets',
  validateSearch: readText('search'),
  component: lazyRouteComponent(() => import('../features/targets/targets-page.tsx'), 'TargetsPage'),
});
const ingest = createRoute({
  getParentRoute: parent,
  path: '/ingest',
  component: lazyRouteComponent(() => import('../features/ingest/ingest-page.tsx'), 'IngestPage'),
});
const storage = createRoute({
  getParentRoute: parent,
  path: '/storage',
  component: lazyRouteComponent(() => import('../features/storage/storage-page.tsx'), 'StoragePage'),
});
const getStarted = createRoute({
  getParentRoute: parent,
  path: '/get-started',
  component: lazyRouteComponent(() => import('../features/get-started/get-started-page.tsx'), 'GetStartedPage'),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    overview,
    logs,
    traces,
    trace,
    services,
    service,
    infrastructure,
    explore,
    cardinality,
    unused,
    alerts,
    alertHistory,
    silences,
    maintenance,
    alertGroups,
    ruleFiles,
    newAlert,
    alert,
    editAlert,
    incidents,
    correlation,
    incident,
    notifications,
    notificationHistory,
    scheduled,
    topics,
    preferences,
    templates,
    routing,
    channels,
    onCall,
    escalation,
    heartbeats,
    targets,
    ingest,
    storage,
    getStarted,
  ]),
  basepath: new URL(document.baseURI).pathname,
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
  defaultErrorComponent: RouteError,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
  interface StaticDataRouteOption {
    hasTimeRange?: boolean;
  }
}
