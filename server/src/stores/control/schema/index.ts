import type { AccessTables } from './access.ts';
import type { AlertRoutingTables } from './alert-routing.ts';
import type { AlertTables } from './alerts.ts';
import type { AnnotationTables } from './annotations.ts';
import type { ChannelTables } from './channels.ts';
import type { DirectoryTables } from './directory.ts';
import type { EscalationTables } from './escalation.ts';
import type { HeartbeatTables } from './heartbeats.ts';
import type { IncidentTables } from './incidents.ts';
import type { NotificationCentreTables } from './notification-centre.ts';
import type { NotificationTables } from './notifications.ts';
import type { OnCallTables } from './on-call.ts';
import type { PreferenceTables } from './preferences.ts';

/** All tables of the control store, by module. */
export interface ControlDatabase
  extends AccessTables,
    AlertTables,
    AnnotationTables,
    AlertRoutingTables,
    EscalationTables,
    ChannelTables,
    IncidentTables,
    HeartbeatTables,
    NotificationTables,
    NotificationCentreTables,
    OnCallTables,
    DirectoryTables,
    PreferenceTables {}
