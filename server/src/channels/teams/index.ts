import type { Clock } from '../../model/clock.ts';
import { type ChatDialect, ChatWebhook } from '../chat-webhook.ts';
import type { OutgoingHttp } from '../outgoing-http.ts';
import { teamsBody } from './payload.ts';

const TEAMS: ChatDialect = {
  variable: 'TEAMS_WEBHOOK_URL',
  target: 'a Teams workflow',
  paceMs: 250,
  body: teamsBody,
  explain(outcome) {
    if (outcome.outcome !== 'failed' || !['authentication', 'endpoint_gone'].includes(outcome.reason)) return outcome;
    // A workflow belongs to a person and goes with that person.
    return { ...outcome, detail: `${outcome.detail}: the workflow is gone or closed; make it again in Teams` };
  },
};

/** Microsoft Teams by the webhook of a workflow; the whole URL is the credential. */
export class TeamsChannel extends ChatWebhook {
  constructor(url: string | undefined, http: OutgoingHttp, clock: Clock) {
    super(TEAMS, url, http, clock);
  }
}
