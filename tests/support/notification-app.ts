import { SocketTickets } from '../../server/src/access/index.ts';
import { annotationRoutes } from '../../server/src/api/routes/annotations.ts';
import { eventRoutes } from '../../server/src/api/routes/events.ts';
import { notificationRoutes } from '../../server/src/api/routes/notifications.ts';
import { topicRoutes } from '../../server/src/api/routes/topics.ts';
import { createHttpServer } from '../../server/src/http/index.ts';
import type { Clock } from '../../server/src/model/clock.ts';
import { type NotificationSettings, Notifications } from '../../server/src/notifications/index.ts';
import type { ControlStore } from '../../server/src/stores/control/index.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

export interface NotificationApp {
  readonly notifications: Notifications;
  readonly app: Awaited<ReturnType<typeof createHttpServer>>;
  stop(): Promise<void>;
}

export interface NotificationAppOptions {
  readonly store: ControlStore;
  readonly clock: Clock;
  readonly settings?: Partial<NotificationSettings>;
  /** The one API key, of scope `write`; left out, everybody is welcome. */
  readonly key?: string;
}

/** The notification centre with its routes, not listening; answers are held against their schemas. */
export async function startNotificationApp(options: NotificationAppOptions): Promise<NotificationApp> {
  const { store, clock, settings, key } = options;
  const notifications = new Notifications({
    store,
    clock,
    logger: silent,
    settings: { webhookAllowList: [], alertUsers: [], alertEmailTo: [], ...settings },
  });
  await notifications.start();
  const tickets = new SocketTickets(clock);
  const app = await createHttpServer({
    routes: [
      ...eventRoutes({ notifications, clock }),
      ...topicRoutes({ notifications }),
      ...annotationRoutes({ notifications, clock }),
      ...notificationRoutes({ notifications, tickets, clock }),
    ],
    guards: {
      authenticator: {
        open: key === undefined,
        authenticate: async (token) =>
          token === key ? { name: 'service', scopes: new Set(['write'] as const) } : undefined,
        redeemTicket: (ticket) => tickets.redeem(ticket),
      },
      allowedOrigins: [],
      allowedHosts: undefined,
    },
    logger: silent,
    trustProxy: false,
    checkAnswers: true,
  });
  return {
    notifications,
    app,
    stop: async () => {
      await notifications.stop();
      await app.close();
    },
  };
}
