import { ActionIcon } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useState } from 'react';
import type { LogItem, LogSearchResult } from '../../api-client/types.ts';
import { LevelBadge, levelTone } from '../../components/badges.tsx';
import table from '../../components/table.module.css';
import { Timestamp } from '../../components/times.tsx';
import { LogDetail } from './log-detail.tsx';
import classes from './log-table.module.css';
import { Marked } from './marked.tsx';

/** What was searched for comes with the places where it was found. */
type ShownLog = LogItem & Partial<Pick<LogSearchResult['items'][number], 'highlights'>>;

interface LogTableProps {
  logs: readonly ShownLog[];
  onFilter?: ((field: string, value: string) => void) | undefined;
  dense?: boolean;
}

/** Log lines; one can be opened to see all of it. */
export function LogTable({ logs, onFilter, dense = false }: LogTableProps) {
  const [openId, setOpenId] = useState<string>();
  return (
    <table className={`${table.table} ${classes.logs}`} data-dense={dense}>
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Level</th>
          <th scope="col" className={table.minor}>
            Service
          </th>
          <th scope="col">Message</th>
        </tr>
      </thead>
      <tbody>
        {logs.map((log) => {
          const open = log.id === openId;
          return [
            <LogRow key={log.id} log={log} open={open} onToggle={() => setOpenId(open ? undefined : log.id)} />,
            open ? (
              <tr key={`${log.id} detail`} className={classes.detail}>
                <td colSpan={4}>
                  <LogDetail log={log} onFilter={onFilter} />
                </td>
              </tr>
            ) : null,
          ];
        })}
      </tbody>
    </table>
  );
}

function LogRow({ log, open, onToggle }: { log: ShownLog; open: boolean; onToggle: () => void }) {
  return (
    // The button in the row is what the keyboard uses; the whole row is there for the mouse.
    <tr className={classes.row} data-tone={levelTone(log.level)} data-open={open} onClick={onToggle}>
      <td className={`${table.tight} muted`}>
        <ActionIcon
          size="xs"
          className={classes.toggle!}
          aria-expanded={open}
          aria-label={`${open ? 'Close' : 'Open'} line: ${log.message.slice(0, 60)}`}
          onClick={(event) => {
            event.stopPropagation();
            onToggle();
          }}
        >
          {open ? <IconChevronDown size={13} /> : <IconChevronRight size={13} />}
        </ActionIcon>
        <Timestamp time={log.timestamp} />
      </td>
      <td className={table.tight}>
        <LevelBadge level={log.level} />
      </td>
      <td className={`${table.tight} ${table.minor} muted`}>{log.service || '–'}</td>
      <td className={`${table.wide} mono`}>
        <Marked text={log.message} ranges={rangesOf(log)} />
      </td>
    </tr>
  );
}

function rangesOf({ highlights }: ShownLog) {
  return highlights?.find(({ field }) => field === 'message')?.ranges ?? [];
}
