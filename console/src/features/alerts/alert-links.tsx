import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import type { Alert } from '../../api-client/types.ts';
import { Fact } from '../../components/fact.tsx';

const MOST = 3;

/** From an alert to where its reason can be seen: its query, and the services that it is about. */
export function AlertLinks({ alert }: { alert: Alert }) {
  const named = [alert.service, ...alert.instances.map(({ labels }) => labels.service)];
  const services = [...new Set(named)].filter((service) => typeof service === 'string').slice(0, MOST);
  const query = alert.kind === 'promql' && alert.query ? alert.query : undefined;
  const logs = alert.kind === 'logs' && alert.query ? alert.query : undefined;
  if (services.length === 0 && !query && !logs) return null;
  return (
    <Fact name="Look at">
      {query ? (
        <Link to="/explore" search={{ query }}>
          Its query
        </Link>
      ) : null}
      {logs ? (
        <Link to="/logs" search={{ q: logs }}>
          Its log lines
        </Link>
      ) : null}
      {services.map((service, index) => (
        <Fragment key={service}>
          {index > 0 || query || logs ? ' · ' : null}
          <Link to="/services/$service" params={{ service }}>
            {service}
          </Link>
        </Fragment>
      ))}
    </Fact>
  );
}
