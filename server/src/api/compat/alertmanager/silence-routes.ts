import { z } from 'zod';
import { type Alerting, type Silence, silenceState, valueTest } from '../../../alerting/index.ts';
import { type Route, route } from '../../../http/index.ts';
import { formatInstant } from '../../../lib/instant.ts';
import type { Clock } from '../../../model/clock.ts';
import { ServiceError } from '../../../model/errors.ts';
import type { LabelMatcher } from '../../../model/label-matcher.ts';
import { alertmanagerSilence, alertmanagerSilences, postableSilence, silenceId } from '../../contract/alertmanager.ts';
import { AlertmanagerError } from './errors.ts';
import { Parameters } from './parameters.ts';

export interface SilenceDependencies {
  readonly alerting: Alerting;
  readonly clock: Clock;
}

const parameters = z.strictObject({ silence_id: z.string() });

export function silenceRoutes({ alerting, clock }: SilenceDependencies): Route[] {
  const { silences } = alerting;
  const shared = { tag: 'alertmanager', lenient: true } as const;
  return [
    route({
      ...shared,
      method: 'GET',
      path: '/api/v2/silences',
      summary: 'Silences, as Alertmanager lists them: active ones first',
      scope: 'read',
      success: { status: 200, schema: alertmanagerSilences },
      handle: (context) => {
        const query = new Parameters(context);
        const filter = query.filter();
        const now = clock.now();
        return silences
          .list()
          .filter((silence) => isAbout(silence, filter))
          .filter((silence) => query.flag(silenceState(silence, now)))
          .sort((a, b) => compare(a, b, now))
          .map((silence) => show(silence, now));
      },
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/api/v2/silences',
      summary: 'Create a silence, or change the one whose id is given',
      scope: 'write',
      body: postableSilence,
      success: { status: 200, schema: silenceId },
      handle: async ({ body }) => {
        const now = clock.now();
        const form = {
          matchers: body.matchers.map(readMatcher),
          startsAt: Date.parse(body.startsAt),
          endsAt: Date.parse(body.endsAt),
          createdBy: body.createdBy,
          comment: body.comment,
        };
        try {
          const saved = body.id ? await silences.update(body.id, form, now) : await silences.create(form, now);
          return { silenceID: saved.id };
        } catch (error) {
          if (!(error instanceof ServiceError)) throw error;
          if (error.code === 'not_found') throw new AlertmanagerError(404, 'silence not found');
          if (error.code !== 'invalid') throw error;
          const reasons = error.issues.map(({ message }) => message).join('; ');
          throw new AlertmanagerError(400, `Failed to create silence: ${reasons}`);
        }
      },
    }),
    route({
      ...shared,
      method: 'GET',
      path: '/api/v2/silence/{silence_id}',
      summary: 'One silence',
      scope: 'read',
      params: parameters,
      success: { status: 200, schema: alertmanagerSilence },
      handle: ({ params }) => show(silences.get(params.silence_id), clock.now()),
    }),
    route({
      ...shared,
      method: 'DELETE',
      path: '/api/v2/silence/{silence_id}',
      summary: 'End a silence now; it can still be read',
      scope: 'write',
      params: parameters,
      success: { status: 200 },
      handle: async ({ params, reply }) => {
        try {
          await silences.expire(params.silence_id, clock.now());
        } catch (error) {
          if (error instanceof ServiceError && error.code === 'conflict') {
            throw new AlertmanagerError(500, error.message);
          }
          throw error;
        }
        return reply.code(200).send();
      },
    }),
  ];
}

function readMatcher(matcher: z.output<typeof postableSilence>['matchers'][number]): LabelMatcher {
  const { name, value, isRegex, isEqual = true } = matcher;
  const operator = isEqual ? (isRegex ? '=~' : '=') : isRegex ? '!~' : '!=';
  return { name, operator, value };
}

function show(silence: Silence, now: number) {
  return {
    id: silence.id,
    status: { state: silenceState(silence, now) },
    updatedAt: formatInstant(silence.updatedAt),
    comment: silence.comment,
    createdBy: silence.createdBy,
    endsAt: formatInstant(silence.endsAt),
    matchers: silence.matchers.matchers.map(({ name, operator, value }) => ({
      isEqual: operator === '=' || operator === '=~',
      isRegex: operator === '=~' || operator === '!~',
      name,
      value,
    })),
    startsAt: formatInstant(silence.startsAt),
  };
}

/** A filter is about the matchers of a silence as it is about the labels of an alert. */
function isAbout({ matchers }: Silence, filter: readonly LabelMatcher[]): boolean {
  const values = new Map(matchers.matchers.map(({ name, value }) => [name, value]));
  return filter.every((matcher) => {
    const value = values.get(matcher.name);
    const isNegative = matcher.operator === '!=' || matcher.operator === '!~';
    if (matcher.value === '' && (value !== undefined) === isNegative) return true;
    return valueTest(matcher)(value ?? '');
  });
}

const ORDER = { active: 0, pending: 1, expired: 2 } as const;

/** Active ones by their end, pending ones by their begin, expired ones with the newest end first. */
function compare(a: Silence, b: Silence, now: number): number {
  const state = silenceState(a, now);
  const difference = ORDER[state] - ORDER[silenceState(b, now)];
  if (difference !== 0) return difference;
  if (state === 'active') return a.endsAt - b.endsAt;
  return state === 'pending' ? a.startsAt - b.startsAt : b.endsAt - a.endsAt;
}
