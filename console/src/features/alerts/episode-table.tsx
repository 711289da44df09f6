import { ActionIcon } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import type { Alert, Episode } from '../../api-client/types.ts';
import { AlertStateBadge, SeverityBadge } from '../../components/badges.tsx';
import { Labels } from '../../components/labels.tsx';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { formatSeconds, formatValue } from '../../format/number.ts';
import { formatAlertValue, SAID_BESIDE } from './condition.ts';
import { EpisodeDetail } from './episode-detail.tsx';

interface EpisodeTableProps {
  episodes: readonly Episode[];
  /** The one alert that all are of; left out, each names its own. */
  alert?: Alert;
  /** The alerts that are known, for the units of what they watch. */
  alerts?: readonly Alert[] | undefined;
}

/** Episodes; one can be opened to see its course and its notifications. */
export function EpisodeTable({ episodes, alert, alerts }: EpisodeTableProps) {
  const withAlert = alert === undefined;
  const [openId, setOpenId] = useState<string>();
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">Details</span>
          </th>
          <th scope="col">State</th>
          <th scope="col">{withAlert ? 'Alert' : 'Labels'}</th>
          <th scope="col">Severity</th>
          <th scope="col">Fired</th>
          <th scope="col" className={table.number}>
            Lasted
          </th>
          <th scope="col" className={`${table.number} ${table.minor}`}>
            Peak
          </th>
          <th scope="col" className={table.minor}>
            Notified
          </th>
        </tr>
      </thead>
      <tbody>
        {episodes.map((episode) => {
          const open = episode.id === openId;
          return (
            <Fragment key={episode.id}>
              <tr>
                <td className={table.tight}>
                  <ActionIcon
                    size="xs"
                    aria-expanded={open}
                    aria-label={`${open ? 'Close' : 'Open'} course of ${episode.alert_name}`}
                    onClick={() => setOpenId(open ? undefined : episode.id)}
                  >
                    {open ? <IconChevronDown size={13} /> : <IconChevronRight size={13} />}
                  </ActionIcon>
                </td>
                <td className={table.tight}>
                  <AlertStateBadge state={episode.state} />
                </td>
                <th scope="row" className={table.wide}>
                  {withAlert ? (
                    <Link to="/alerts/$alertId" params={{ alertId: episode.alert_id }}>
                      {episode.alert_name}
                    </Link>
                  ) : null}
                  <div className={table.detail}>
                    <Labels labels={episode.labels} without={SAID_BESIDE} />
                  </div>
                </th>
                <td className={table.tight}>
                  <SeverityBadge severity={episode.severity} soft={false} />
                </td>
                <td className={`${table.tight} muted`}>
                  <RelativeTime time={episode.fired_at} />
                </td>
                <td className={table.number}>{formatSeconds(episode.duration_seconds)}</td>
                <td className={`${table.number} ${table.minor}`}>
                  {formatPeak(episode, alert ?? alerts?.find(({ id }) => id === episode.alert_id))}
                </td>
                <td className={`${table.tight} ${table.minor} muted`}>{countDelivered(episode)}</td>
              </tr>
              {open ? (
                <tr>
                  <td colSpan={8}>
                    <EpisodeDetail episode={episode} />
                  </td>
                </tr>
              ) : null}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}

function formatPeak({ peak_value }: Episode, alert: Alert | undefined): string {
  return alert ? formatAlertValue(alert, peak_value) : formatValue(peak_value);
}

function countDelivered({ notifications }: Episode): string {
  if (notifications.length === 0) return 'nobody';
  const reached = notifications.filter(({ status }) => ['sent', 'delivered', 'read'].includes(status)).length;
  return `${reached} of ${notifications.length}`;
}
