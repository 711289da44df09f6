import { IconRoute } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { LogItem } from '../../api-client/types.ts';
import { AttributeTable } from '../../components/attribute-table.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { formatFull } from '../../format/time.ts';
import { rangeAround } from '../../time/time-range.ts';
import classes from './log-detail.module.css';

/** All of one line: the whole message, its attributes, where it came from, its trace. */
export function LogDetail({
  log,
  onFilter,
}: {
  log: LogItem;
  onFilter?: ((field: string, value: string) => void) | undefined;
}) {
  return (
    <div className={classes.detail}>
      <div className={classes.head}>
        <span className="muted">{formatFull(log.timestamp)}</span>
        <span className={classes.spacer} />
        {log.service ? (
          <>
            <Link
              to="/logs"
              search={{ service: log.service, ...rangeAround(log.timestamp) }}
              className={classes.trace!}
            >
              Lines around it
            </Link>
            <Link to="/services/$service" params={{ service: log.service }} className={classes.trace!}>
              Service
            </Link>
          </>
        ) : null}
        {log.trace_id ? (
          <Link to="/traces/$traceId" params={{ traceId: log.trace_id }} className={classes.trace!}>
            <IconRoute size={14} aria-hidden="true" /> Open trace
          </Link>
        ) : null}
        <CopyButton text={JSON.stringify(log, null, 2)} label="Copy as JSON" />
      </div>
      <pre className={classes.message}>{log.message}</pre>
      <div className={classes.tables}>
        <AttributeTable title="Attributes" values={log.attributes} onFilter={onFilter} />
        <AttributeTable title="Resource" values={log.resource} onFilter={onFilter} />
      </div>
    </div>
  );
}
