import { describe, expect, it } from 'vitest';
import { bodyOf, missingThreshold, NEW_DRAFT } from './alert-draft.ts';

describe('the body of an alert form', () => {
  it('watches a metric', () => {
    const draft = { ...NEW_DRAFT, name: 'Busy', metric: 'host_cpu_usage_percent', threshold: '90', users: ['ann'] };
    expect(bodyOf(draft)).toMatchObject({
      name: 'Busy',
      metric: 'host_cpu_usage_percent',
      query: null,
      service: null,
      threshold: 90,
      operator: '>',
      recovery_threshold: null,
      notify: { users: ['ann'], channels: null },
    });
  });

  it('goes by an escalation policy, alone or besides, and keeps a receiver that the form does not show', () => {
    const draft = { ...NEW_DRAFT, name: 'Busy', metric: 'm', threshold: '90' };
    const policy = { ...draft, escalationPolicy: 'p1' };
    expect(bodyOf(policy).notify).toMatchObject({ users: [], channels: null, escalation_policy_id: 'p1' });
    const before = { notify: { receiver: 'ops' }, annotations: {} } as never;
    expect(bodyOf(draft, before).notify).toMatchObject({ receiver: 'ops', escalation_policy_id: null });
    expect(bodyOf({ ...draft, users: ['ann'] }, before).notify).toMatchObject({ users: ['ann'], receiver: null });
  });

  it('leaves metric and query out where the name decides', () => {
    const body = bodyOf({ ...NEW_DRAFT, watch: 'words', name: 'High CPU', threshold: '90' });
    expect(body).not.toHaveProperty('metric');
    expect(body).not.toHaveProperty('query');
    expect(body.notify).toBeNull();
  });

  it('has no condition where it is raised by hand', () => {
    const body = bodyOf({ ...NEW_DRAFT, watch: 'manual', threshold: '5' });
    expect(body).toMatchObject({ metric: null, query: null, threshold: null, operator: null });
    expect(body).not.toHaveProperty('for');
  });

  it('says what each kind watches, and nothing of the others', () => {
    const draft = { ...NEW_DRAFT, query: 'level:error', metric: 'm', threshold: '3', groupBy: ['service'] };
    expect(bodyOf({ ...draft, watch: 'logs' })).toMatchObject({
      ...{ query_language: 'logs', query: 'level:error', metric: null, window: '5m', group_by: ['service'] },
      ...{ threshold: 3, red: null, absence: null },
    });
    expect(bodyOf({ ...draft, watch: 'requests', figure: 'p95' })).toMatchObject({
      ...{ query_language: 'trace', query: null, red: { figure: 'p95', operation: null, min_requests: 1 } },
    });
    expect(bodyOf({ ...draft, watch: 'silence', silenceOf: 'service', noData: 'fire' })).toMatchObject({
      ...{ absence: { for: '5m' }, metric: null, query: null, threshold: null, no_data: 'keep_last' },
    });
    expect(bodyOf({ ...draft, watch: 'alerts', query: 'A' })).toMatchObject({ query: 'A', threshold: null });
  });

  it('asks for a threshold where the service would take it for one by hand', () => {
    expect(missingThreshold(NEW_DRAFT)).toBe(true);
    expect(missingThreshold({ ...NEW_DRAFT, watch: 'query' })).toBe(false);
  });
});
