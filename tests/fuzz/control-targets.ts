import { alertmanagerRoutes } from '../../server/src/api/compat/alertmanager/index.ts';
import { createHttpServer } from '../../server/src/http/index.ts';
import { AlertingBench } from '../support/alerting-bench.ts';
import { sqlite } from '../support/control-stores.ts';
import { INGEST_NOW } from '../support/ingest-server.ts';
import { startNotificationApp } from '../support/notification-app.ts';
import { overHttp, type Target } from './targets.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

function json(...values: object[]): Buffer[] {
  return values.map((value) => Buffer.from(JSON.stringify(value)));
}

const alert = {
  labels: { alertname: 'High', instance: 'a:9100', severity: 'warning' },
  annotations: { summary: 'x' },
  startsAt: '2026-11-23T09:59:00Z',
  endsAt: '2026-11-23T10:05:00.5+00:00',
  generatorURL: 'http://prometheus:9090/graph?g0.expr=up',
};
const event = {
  specversion: '1.0',
  id: '1',
  source: '/ci/deploy',
  type: 'platform.deploy.finished',
  time: '2026-11-23T10:00:00Z',
  subject: 'shop',
  datacontenttype: 'application/json',
  data: { service: 'shop', version: '1.2.3', nested: [{ a: null }] },
};

/** What is told rather than measured, alerts of others and events of the platform, with their database. */
export async function openControlTargets(): Promise<{ targets: Target[]; close(): Promise<void> }> {
  const bench = await AlertingBench.create(sqlite, { time: INGEST_NOW });
  const { alerting, clock, store } = bench;
  const alerts = await createHttpServer({
    routes: alertmanagerRoutes({ alerting, clock, logger: silent, version: '1' }),
    guards: {
      authenticator: { open: true, authenticate: async () => undefined },
      allowedOrigins: [],
      allowedHosts: undefined,
    },
    logger: silent,
    trustProxy: false,
    checkAnswers: true,
  });
  const centre = await startNotificationApp({ store, clock });
  const posted = { path: '/api/v2/alerts', statuses: [200, 400, 413, 415] };
  const told = { path: '/api/events', statuses: [202, 400, 413, 415, 422] };
  const binary = Object.entries(event).flatMap(([name, value]) =>
    typeof value === 'string' && name !== 'datacontenttype' ? [[`ce-${name}`, value]] : [],
  );
  return {
    targets: [
      overHttp(alerts, {
        ...posted,
        type: 'application/json',
        payloads: json([alert], [alert, { labels: { a: 'b' } }]),
      }),
      overHttp(alerts, {
        ...posted,
        type: 'application/yaml',
        payloads: [Buffer.from('- labels: {alertname: Low, a: "1"}\n  annotations:\n    text: |\n      x\n')],
      }),
      overHttp(centre.app, { ...told, type: 'application/cloudevents+json', payloads: json(event) }),
      overHttp(centre.app, {
        ...told,
        type: 'application/cloudevents-batch+json',
        payloads: json([event, { ...event, id: '2' }]),
      }),
      overHttp(centre.app, { ...told, type: 'text/plain', payloads: json(event), headers: Object.fromEntries(binary) }),
    ],
    close: async () => {
      await alerts.close();
      await centre.stop();
      await bench.drop();
    },
  };
}
