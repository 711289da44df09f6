import type { Route } from '../../http/index.ts';
import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import { withLoopbackServer } from './loopback-server.ts';
import type { Rehearsal } from './warm-up.ts';

/** A little more than it takes until V8 has compiled what a question runs through. */
const ROUNDS = 250;
/** There as soon as the service is: the own host's. */
const SELECTOR = 'host_cpu_usage_percent';
const HOUR_SECONDS = 3600;
const STEP_SECONDS = 60;

/** Asks the routes of Prometheus' API a few hundred small questions: a cold one takes several times as long. */
export function rehearseQuestions(routes: readonly Route[], clock: Clock, logger: Logger): Rehearsal {
  const reading = routes.filter(({ path, method }) => path.startsWith('/api/v1/') && method === 'GET');
  return (signal) =>
    withLoopbackServer(reading, logger, async (ask) => {
      const now = clock.now() / 1000;
      for (let round = 0; round < ROUNDS; round++) {
        for (const path of questions(now, round)) {
          await ask(path);
          if (signal.aborted) return;
        }
      }
    });
}

/** `now` in seconds; each round asks something else, of the engine and of the cache of finished steps. */
function questions(now: number, round: number): string[] {
  const query = (text: string, parameters: Readonly<Record<string, string>>) =>
    new URLSearchParams({ query: text, ...parameters }).toString();
  const range = (end: number) => ({
    start: String(end - HOUR_SECONDS),
    end: String(end),
    step: String(STEP_SECONDS),
  });
  const time = now + round / 1000;
  const at = { time: String(time) };
  const wholeStep = (Math.floor(now / STEP_SECONDS) - round) * STEP_SECONDS;
  return [
    `/api/v1/query?${query(SELECTOR, at)}`,
    `/api/v1/query?${query('host_cpu_seconds_total', at)}`,
    `/api/v1/query?${query(`sum by (mode) (rate(host_cpu_seconds_total[5m]))`, at)}`,
    `/api/v1/query_range?${query(SELECTOR, { ...range(time), nocache: '1' })}`,
    `/api/v1/query_range?${query(SELECTOR, range(wholeStep))}`,
    `/api/v1/label/__name__/values?limit=${1000 + round}`,
  ];
}
