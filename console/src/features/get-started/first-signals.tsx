import { IconCircleCheckFilled, IconLoader2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';
import { get } from '../../api-client/http.ts';
import type { MetricsAnswer, Page, ServiceList } from '../../api-client/types.ts';
import classes from './get-started-page.module.css';

const ASK_EVERY_MS = 2_000;
const LOOK_BACK = 'now-1d';

/** What has arrived so far; each line ticks itself off the moment the first of its kind is there. */
export function FirstSignals() {
  const host = useArrived(
    'host',
    async (signal) => (await get<MetricsAnswer>('api/monitoring/metrics', { limit: 1 }, signal)).system !== null,
  );
  const span = useArrived('span', (signal) => hasItems('api/traces', signal));
  const log = useArrived('log', (signal) => hasItems('api/logs', signal));
  const service = useArrived('service', async (signal) => {
    const { items } = await get<ServiceList>('api/monitoring/services', { start: LOOK_BACK, limit: 10 }, signal);
    return items.some(({ known_by }) => known_by.includes('metrics'));
  });
  return (
    <ul className={classes.signals} aria-label="Received so far">
      <Signal arrived={host} name="Host readings" waiting="The host is being read" to="/" />
      <Signal arrived={span} name="First span received" waiting="Waiting for the first span" to="/traces" />
      <Signal
        arrived={service}
        name="First service metric received"
        waiting="Waiting for a service’s metrics"
        to="/services"
      />
      <Signal arrived={log} name="First log line received" waiting="Waiting for the first log line" to="/logs" />
    </ul>
  );
}

async function hasItems(path: string, signal: AbortSignal): Promise<boolean> {
  return (await get<Page<unknown>>(path, { limit: 1, start: LOOK_BACK }, signal)).items.length > 0;
}

function useArrived(name: string, ask: (signal: AbortSignal) => Promise<boolean>): boolean {
  const { data = false } = useQuery({
    queryKey: ['arrived', name],
    queryFn: ({ signal }) => ask(signal),
    refetchInterval: ({ state }) => (state.data === true ? false : ASK_EVERY_MS),
  });
  return data;
}

interface SignalProps {
  arrived: boolean;
  name: string;
  waiting: string;
  to: LinkProps['to'];
}

function Signal({ arrived, name, waiting, to }: SignalProps) {
  return (
    <li className={classes.signal} data-arrived={arrived}>
      {arrived ? (
        <>
          <IconCircleCheckFilled size={18} aria-hidden="true" />
          <Link to={to!} search={{ start: LOOK_BACK, end: 'now' } as never}>
            {name}
          </Link>
        </>
      ) : (
        <>
          <IconLoader2 size={18} aria-hidden="true" className={classes.turning} />
          <span>{waiting}</span>
        </>
      )}
    </li>
  );
}
