import type { Alerting } from '../../../alerting/index.ts';
import { type Route, route } from '../../../http/index.ts';
import { formatInstant } from '../../../lib/instant.ts';
import type { Clock } from '../../../model/clock.ts';
import { alertmanagerReceivers, alertmanagerStatus } from '../../contract/alertmanager.ts';

export interface StatusDependencies {
  readonly alerting: Alerting;
  readonly clock: Clock;
  /** Of the service. */
  readonly version: string;
}

/** The release of Alertmanager whose API this follows; clients choose their calls by it. */
const ALERTMANAGER_VERSION = '0.28.0';

export function statusRoutes({ alerting, clock, version }: StatusDependencies): Route[] {
  const uptime = formatInstant(clock.now());
  const shared = { tag: 'alertmanager', lenient: true, method: 'GET', scope: 'read' } as const;
  return [
    route({
      ...shared,
      path: '/api/v2/status',
      summary: 'The release of Alertmanager that this answers as, and the routing in force',
      success: { status: 200, schema: alertmanagerStatus },
      handle: () => ({
        cluster: { status: 'disabled', peers: [] },
        versionInfo: {
          version: ALERTMANAGER_VERSION,
          revision: `system-service ${version}`,
          branch: '',
          buildUser: '',
          buildDate: '',
          goVersion: '',
        },
        config: { original: alerting.routing.original },
        uptime,
      }),
    }),
    route({
      ...shared,
      path: '/api/v2/receivers',
      summary: 'Receivers of the routing in force',
      success: { status: 200, schema: alertmanagerReceivers },
      handle: () => alerting.dispatcher.routing.receivers.map(({ name }) => ({ name })),
    }),
  ];
}
