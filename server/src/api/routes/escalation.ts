import type { Alerting, Escalation, EscalationPolicy } from '../../alerting/index.ts';
import { type Route, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import {
  type EscalationList,
  escalationLint,
  escalationList,
  escalationListParameters,
  escalationPolicy,
  escalationPolicyForm,
  escalationPolicyList,
  escalationPolicyListParameters,
  escalationPolicyParameters,
  escalationPolicyPatch,
} from '../contract/escalation.ts';
import { showPolicy, toPolicyForm, toPolicyPatch } from './escalation-forms.ts';

export interface EscalationRoutesDependencies {
  readonly alerting: Alerting;
  readonly clock: Clock;
}

type Shown = EscalationList['items'][number];

const tag = 'escalation';

export function escalationRoutes(dependencies: EscalationRoutesDependencies): Route[] {
  const { alerting } = dependencies;
  return [
    ...policyRoutes(dependencies),
    route({
      method: 'GET',
      path: '/api/escalation-policies/{policy_id}/lint',
      tag,
      summary: 'What may keep an escalation policy from reaching somebody',
      scope: 'read',
      params: escalationPolicyParameters,
      success: { status: 200, schema: escalationLint },
      handle: async ({ params }) => ({ items: await alerting.lintPolicy(params.policy_id) }),
    }),
    route({
      method: 'GET',
      path: '/api/escalations',
      tag,
      summary: 'Escalations that are not over, newest first',
      scope: 'read',
      query: escalationListParameters,
      success: { status: 200, schema: escalationList },
      handle: async ({ query: { limit, incident_id: incidentId } }) => {
        const { incidents } = alerting.incidents.table;
        const open = await alerting.escalations(limit, incidentId);
        return { items: open.map((one) => showEscalation(one, incidents.get(one.incidentId)?.title ?? '')) };
      },
    }),
  ];
}

function policyRoutes({ alerting, clock }: EscalationRoutesDependencies): Route[] {
  const { escalationPolicies: policies } = alerting;
  const withLint = async (policy: EscalationPolicy) => ({
    ...showPolicy(policy),
    lint: await alerting.lintPolicy(policy.id),
  });
  return [
    route({
      method: 'GET',
      path: '/api/escalation-policies',
      tag,
      summary: 'Escalation policies by name',
      scope: 'read',
      query: escalationPolicyListParameters,
      success: { status: 200, schema: escalationPolicyList },
      handle: ({ query: { limit, cursor } }) => {
        const shown = policies.list().filter(({ name }) => cursor === undefined || name > cursor);
        const items = shown.slice(0, limit).map(showPolicy);
        return { items, next_cursor: shown.length > limit ? items.at(-1)!.name : null };
      },
    }),
    route({
      method: 'POST',
      path: '/api/escalation-policies',
      tag,
      summary: 'Make an escalation policy: who is told in which order until somebody acknowledges',
      scope: 'write',
      body: escalationPolicyForm,
      success: { status: 201, schema: escalationPolicy },
      handle: async ({ body, reply }) => {
        const created = await policies.create(toPolicyForm(body), clock.now());
        reply.header('location', `/api/escalation-policies/${created.id}`);
        return withLint(created);
      },
    }),
    route({
      method: 'GET',
      path: '/api/escalation-policies/{policy_id}',
      tag,
      summary: 'One escalation policy, with what may keep it from reaching somebody',
      scope: 'read',
      params: escalationPolicyParameters,
      success: { status: 200, schema: escalationPolicy },
      handle: ({ params }) => withLint(policies.get(params.policy_id)),
    }),
    route({
      method: 'PUT',
      path: '/api/escalation-policies/{policy_id}',
      tag,
      summary: 'Change the given fields of an escalation policy; what escalates already keeps its own',
      scope: 'write',
      params: escalationPolicyParameters,
      body: escalationPolicyPatch,
      success: { status: 200, schema: escalationPolicy },
      handle: async ({ params, body }) =>
        withLint(await policies.update(params.policy_id, toPolicyPatch(body), clock.now())),
    }),
    route({
      method: 'DELETE',
      path: '/api/escalation-policies/{policy_id}',
      tag,
      summary: 'Remove an escalation policy that nothing uses',
      scope: 'write',
      params: escalationPolicyParameters,
      success: { status: 204 },
      handle: ({ params }) => policies.remove(params.policy_id),
    }),
  ];
}

function showEscalation(escalation: Escalation, title: string): Shown {
  const { policy, last, nextAt, heldBy } = escalation;
  return {
    thread_id: escalation.threadId,
    incident_id: escalation.incidentId,
    incident_title: title,
    policy_id: policy.id,
    policy_name: policy.name,
    // Those in the other states are not listed.
    state: escalation.state as Shown['state'],
    last_step: last && last.step + 1,
    round: escalation.loop + 1,
    steps: policy.steps.length,
    next_at: nextAt === null ? null : formatInstant(nextAt),
    held_by: heldBy === '' ? null : heldBy,
    started_at: formatInstant(escalation.startedAt),
  };
}
