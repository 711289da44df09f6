import { serviceOrigin } from '../api-client/http.ts';

/** A request that can be pasted into a shell. */
function postCommand(path: string, body: Readonly<Record<string, unknown>>, type = 'application/json'): string {
  return `curl -X POST ${serviceOrigin()}${path} -H "Content-Type: ${type}" \\\n  -d '${JSON.stringify(body)}'`;
}

/** What fills an empty page, as commands; each works as it stands. */
export const EXAMPLES = {
  log: () => ({
    title: 'A first line',
    code: postCommand('/api/logs', { level: 'info', service: 'my-service', message: 'hello' }),
  }),
  traces: () => ({
    title: 'For any OpenTelemetry SDK',
    code: `export OTEL_EXPORTER_OTLP_ENDPOINT=${serviceOrigin()}\nexport OTEL_SERVICE_NAME=my-service`,
  }),
  alert: () => ({
    title: 'Or by a command: its name says what it watches',
    code: postCommand('/api/alerts', { name: 'High CPU usage', severity: 'warning', threshold: 90 }),
  }),
  notification: (userId: string) => ({
    title: 'Say something to this user',
    code: postCommand('/api/notifications/notify', { user_id: userId, subject: 'Hello', message: 'It works.' }),
  }),
  event: () => ({
    title: 'An event of the platform',
    code: postCommand(
      '/api/events',
      {
        ...{ specversion: '1.0', id: '1', source: '/deploy', type: 'com.example.deploy.done' },
        data: { title: 'shop 1.4.2 is live', service: 'shop', version: '1.4.2' },
      },
      'application/cloudevents+json',
    ),
  }),
};
