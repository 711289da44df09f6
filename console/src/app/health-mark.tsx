import { Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { get } from '../api-client/http.ts';
import type { Health } from '../api-client/types.ts';
import classes from './health-mark.module.css';

const WORDS = { ok: 'All parts up', degraded: 'Degraded', down: 'Down', unreachable: 'Not reachable' };

/** How the service itself is, and its version. */
export function HealthMark() {
  const { data, error } = useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => get<Health>('health', {}, signal),
    refetchInterval: 15_000,
  });
  const status = error ? 'unreachable' : data?.status;
  if (!status) return null;
  return (
    <Tooltip label={`System Service ${data?.version ?? ''}: ${WORDS[status]}`} position="right">
      <span className={classes.mark} data-status={status} role="status">
        <i aria-hidden="true" />
        <span>{WORDS[status]}</span>
        {data ? <small>{data.version}</small> : null}
      </span>
    </Tooltip>
  );
}
