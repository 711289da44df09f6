import type { apiOf } from '../tests/support/api.ts';

/** What a team would have set up: alerts, people, on-call duty, routing, messages. Everything goes in over the API. */
export async function setUpTeam(api: ReturnType<typeof apiOf>): Promise<void> {
  const create = async (path: string, body: unknown): Promise<{ id: string }> => {
    const answer = await api.post<{ id: string }>(path, body);
    if (answer.status >= 300) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const monday = lastMonday();

  const primary = await create('/api/on-call/schedules', {
    name: 'platform',
    description: 'The platform team, a week each',
    time_zone: 'Europe/Paris',
    layers: [
      { name: 'week', rotation: 'weekly', start: `${monday}T09:00`, participants: ['ada', 'blaise', 'emmy', 'sofia'] },
      {
        name: 'office hours',
        rotation: 'daily',
        start: `${monday}T09:00`,
        participants: ['carl', 'george'],
        hours: [{ days: [1, 2, 3, 4, 5], start: '09:00', end: '17:00' }],
      },
    ],
  });
  const policy = await create('/api/escalation-policies', {
    name: 'Platform, urgent',
    description: 'Whoever is on call, then the lead',
    steps: [
      { delay: '5m', targets: [{ schedule: 'platform' }, { user: 'local' }] },
      { delay: '10m', targets: [{ user: 'ada' }], conditions: { min_severity: 'error' } },
    ],
    repeat: 2,
    fallback: [{ user: 'local' }],
  });
  await create(`/api/on-call/schedules/${primary.id}/overrides`, {
    user_id: 'local',
    starts_at: new Date(Date.now() - 3_600_000).toISOString(),
    ends_at: new Date(Date.now() + 8 * 3_600_000).toISOString(),
  });

  const notify = { users: ['local'], escalation_policy_id: policy.id };
  for (const alert of [
    {
      name: 'Failing requests',
      description: 'More than one request in twenty fails: look at the newest deployment first.',
      severity: 'critical',
      metric: 'service_error_percent',
      threshold: 5,
      interval: '5s',
      for: '10s',
      annotations: { summary: '{{ labels.service }}: {{ value | round: 1 }} % of the requests fail' },
      notify,
    },
    {
      name: 'Slow answers',
      severity: 'error',
      metric: 'service_latency_p95_ms',
      threshold: 700,
      interval: '5s',
      for: '10s',
      annotations: { summary: '{{ labels.service }} answers in {{ value | round }} ms' },
      notify: { users: ['local'] },
    },
    {
      name: 'Many refused netlists',
      severity: 'warning',
      query_language: 'logs',
      query: 'level:warn "simulation refused"',
      window: '5m',
      threshold: 500,
      notify: { users: ['local'] },
    },
    { name: 'Host busy', severity: 'warning', metric: 'host_cpu_usage_percent', threshold: 97, for: '5m' },
    { name: 'Disk nearly full', severity: 'error', metric: 'host_disk_usage_percent', threshold: 90 },
    { name: 'Memory of the host', severity: 'warning', metric: 'host_memory_usage_percent', threshold: 95 },
    {
      name: 'No simulations',
      severity: 'error',
      service: 'simulation',
      query_language: 'promql',
      metric: null,
      absence: { for: '5m' },
    },
  ]) {
    await create('/api/alerts', alert);
  }
  await create('/api/silences', {
    matchers: ['alertname="Slow answers"', 'service="gateway"'],
    comment: 'Waits for simulation; that alert is enough',
    duration: '4h',
  });
  await create('/api/maintenance-windows', {
    name: 'Nightly backup',
    matchers: ['service="user-management"'],
    start: `${monday}T02:00`,
    duration: '30m',
    rrule: 'FREQ=DAILY',
    time_zone: 'Europe/Paris',
    comment: 'The database is read-only meanwhile',
  });
  const heartbeats = [
    { name: 'Nightly backup', interval: '1d', grace: '1h', description: 'pg_dump of user-management' },
    { name: 'Netlist import', interval: '15m', grace: '5m', escalation_policy_id: policy.id },
  ];
  for (const heartbeat of heartbeats) {
    const { id } = await create('/api/heartbeats', heartbeat);
    const { body } = await api.get(`/api/heartbeats/${id}`);
    await api.post(body.ping_path, undefined);
  }

  await create('/api/topics', {
    id: 'deployments',
    name: 'Deployments',
    description: 'What goes live',
    event_types: ['com.example.deploy.*'],
  });
  await create('/api/subscriptions', { topic: 'deployments', user_id: 'local', min_severity: 'info' });
  await create('/api/notifications/preferences', {
    user_id: 'local',
    time_zone: 'Europe/Paris',
    channels: { email: { address: 'local@example.org', min_severity: 'error' } },
    types: { 'deploy.*': { email: { enabled: false } } },
  });
  await create('/api/notifications/preferences', {
    user_id: 'local',
    quiet_hours: { windows: [{ start: '22:00', end: '07:00' }], policy: 'defer' },
  });
  await create('/api/notifications/schedules', {
    name: 'Weekly report',
    notification: { user_id: 'local', type: 'report', subject: 'The week in figures', message: 'See the overview.' },
    start: `${monday}T08:00`,
    time_zone: 'Europe/Paris',
    rrule: 'FREQ=WEEKLY;BYDAY=MO',
  });
  for (const message of [
    { subject: 'Model validation complete', message: 'bsim4-nmos passed all 214 checks.', type: 'validation.done' },
    { subject: 'Simulation finished', message: 'Job 4711 took 12 min on 8 cores.', type: 'simulation.done' },
  ]) {
    await create('/api/notifications/notify', { user_id: 'local', ...message });
  }
}

/** The day, `2026-01-05`, on which the running week began. */
function lastMonday(): string {
  const now = new Date();
  return new Date(now.getTime() - ((now.getUTCDay() + 6) % 7) * 86_400_000).toISOString().slice(0, 10);
}
