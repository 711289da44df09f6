import type { Migration } from 'kysely/migration';
import { up as access } from './0001-access.ts';
import { up as alerts } from './0002-alerts.ts';
import { up as notifications } from './0003-notifications.ts';
import { up as alertRouting } from './0004-alert-routing.ts';
import { up as ruleFiles } from './0006-rule-files.ts';
import { up as onCall } from './0008-on-call.ts';
import { up as notificationCentre } from './0011-notification-centre.ts';
import { up as ruleKinds } from './0012-rule-kinds.ts';
import { up as incidents } from './0014-incidents.ts';
import { up as escalation } from './0016-escalation.ts';
import { up as heartbeats } from './0017-heartbeats.ts';
import { up as preferences } from './0018-preferences.ts';
import { up as directory } from './0019-directory.ts';
import { up as channels } from './0020-channels.ts';
import { up as seenSeries } from './0022-seen-series.ts';
import { up as incidentEscalations } from './0025-incident-escalations.ts';
import { up as serviceVersions } from './0026-service-versions.ts';
import { up as blockedLanes } from './0029-blocked-lanes.ts';
import { up as annotations } from './0033-annotations.ts';
import { up as unknownRecipients } from './0034-unknown-recipients.ts';
import { up as schedulePauses } from './0035-schedule-pauses.ts';
import { up as fewerRows } from './0036-fewer-rows.ts';
import { up as passedOver } from './0038-passed-over.ts';

/**
 * Every change of the schema, in order. Forward only: a migration that has shipped is never edited, and never removed.
 * One file serves both databases: text, bigint, integer and double precision columns only.
 */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-access': { up: access },
  '0002-alerts': { up: alerts },
  '0003-notifications': { up: notifications },
  '0004-alert-routing': { up: alertRouting },
  '0006-rule-files': { up: ruleFiles },
  '0008-on-call': { up: onCall },
  '0011-notification-centre': { up: notificationCentre },
  '0012-rule-kinds': { up: ruleKinds },
  '0014-incidents': { up: incidents },
  '0016-escalation': { up: escalation },
  '0017-heartbeats': { up: heartbeats },
  '0018-preferences': { up: preferences },
  '0019-directory': { up: directory },
  '0020-channels': { up: channels },
  '0022-seen-series': { up: seenSeries },
  '0025-incident-escalations': { up: incidentEscalations },
  '0026-service-versions': { up: serviceVersions },
  '0029-blocked-lanes': { up: blockedLanes },
  '0033-annotations': { up: annotations },
  '0034-unknown-recipients': { up: unknownRecipients },
  '0035-schedule-pauses': { up: schedulePauses },
  '0036-fewer-rows': { up: fewerRows },
  '0038-passed-over': { up: passedOver },
};
