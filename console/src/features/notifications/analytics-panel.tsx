import { Link } from '@tanstack/react-router';
import type { NotificationAnalytics } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { nameOfChannel } from '../../components/channel-names.ts';
import { Panel } from '../../components/panel.tsx';
import { Sideways } from '../../components/sideways.tsx';
import table from '../../components/table.module.css';
import { formatCount, formatMilliseconds, formatRatio } from '../../format/number.ts';
import type { TimeRange } from '../../time/time-range.ts';
import classes from './analytics-panel.module.css';

/** What became of the deliveries of the range, what holds them back, and which alerts say most. */
export function AnalyticsPanel({ range, channel }: { range: TimeRange; channel: string | undefined }) {
  const { data } = useLiveQuery<NotificationAnalytics>('api/notifications/analytics', { channel }, { range });
  if (!data || data.deliveries === 0) return null;
  const { time_to_send_ms: sending } = data;
  return (
    <Panel
      title="In figures"
      note={
        sending.count === 0
          ? `${formatCount(data.deliveries)} deliveries`
          : `${formatCount(data.deliveries)} deliveries, taken by providers within ${formatMilliseconds(sending.p50)} (p50), ${formatMilliseconds(sending.p99)} (p99)`
      }
    >
      <div className={classes.columns}>
        <ChannelTable channels={data.channels} />
        <Reasons title="Held back" reasons={data.suppressed_by} none="Nothing was held back." />
        <Reasons title="Failed" reasons={data.failed_by} none="Nothing has failed." />
        <Loudest noise={data.noise} />
      </div>
    </Panel>
  );
}

function ChannelTable({ channels }: Pick<NotificationAnalytics, 'channels'>) {
  return (
    <Sideways className={classes.wide}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Channel</th>
            {['Sent', 'Arrived', 'Read', 'Failed', 'Held back', 'Waiting'].map((name) => (
              <th key={name} scope="col" className={table.number}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {channels.map((one) => (
            <tr key={one.channel}>
              <th scope="row">{nameOfChannel(one.channel)}</th>
              <td className={table.number}>{formatCount(one.sent + one.bundled)}</td>
              <td className={table.number}>{formatCount(one.delivered)}</td>
              <td className={table.number}>{formatCount(one.read)}</td>
              <td className={table.number}>{formatCount(one.failed)}</td>
              <td className={table.number}>{formatCount(one.suppressed + one.canceled)}</td>
              <td className={table.number}>{formatCount(one.waiting)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Sideways>
  );
}

const MOST = 5;

function Reasons({
  title,
  reasons,
  none,
}: {
  title: string;
  reasons: NotificationAnalytics['failed_by'];
  none: string;
}) {
  return (
    <section aria-label={title}>
      <h3 className={classes.title}>{title}</h3>
      {reasons.length === 0 ? <p className="muted">{none}</p> : null}
      <ul className={classes.list}>
        {reasons.slice(0, MOST).map(({ reason, count }) => (
          <li key={reason}>
            <span className="truncate">{reason.replaceAll('_', ' ')}</span>
            <b>{formatCount(count)}</b>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Loudest({ noise }: Pick<NotificationAnalytics, 'noise'>) {
  return (
    <section aria-label="Loudest alerts">
      <h3 className={classes.title}>Loudest alerts</h3>
      {noise.length === 0 ? <p className="muted">No alert has said anything.</p> : null}
      <ul className={classes.list}>
        {noise.slice(0, MOST).map(({ alert_id, alert_name, notifications, read_ratio }) => (
          <li key={alert_id}>
            <Link to="/alerts/$alertId" params={{ alertId: alert_id }} className="truncate">
              {alert_name ?? alert_id}
            </Link>
            <b title={read_ratio === null ? undefined : `${formatRatio(read_ratio)} of the inbox items were read`}>
              {formatCount(notifications)}
            </b>
          </li>
        ))}
      </ul>
    </section>
  );
}
