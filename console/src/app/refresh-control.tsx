import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import { REFRESH_CHOICES, useRefresh } from '../time/refresh.tsx';
import { isLive } from '../time/time-range.ts';
import { useTimeRange } from '../time/use-time-range.ts';
import classes from './refresh-control.module.css';

const label = (seconds: number) => (seconds === 0 ? 'Off' : seconds < 60 ? `${seconds}s` : `${seconds / 60}m`);

/** Refresh now, and how often by itself. A fixed range does not change, so it is not asked again. */
export function RefreshControl({ hasTimeRange }: { hasTimeRange: boolean }) {
  const { seconds, setSeconds } = useRefresh();
  const client = useQueryClient();
  const fetching = useIsFetching() > 0;
  const [range] = useTimeRange();
  const live = !hasTimeRange || isLive(range);
  return (
    <div className={classes.control}>
      <Tooltip label="Refresh now">
        <ActionIcon
          size="lg"
          variant="default"
          className={classes.now!}
          aria-label="Refresh now"
          onClick={() => void client.invalidateQueries()}
        >
          <IconRefresh size={16} stroke={1.7} data-busy={fetching} className={classes.icon} />
        </ActionIcon>
      </Tooltip>
      <Menu position="bottom-end" width={150}>
        <Menu.Target>
          <Button
            variant="default"
            className={classes.pace!}
            aria-label={`Refresh automatically: ${live ? label(seconds) : 'paused by the fixed range'}`}
          >
            {live ? label(seconds) : 'Fixed'}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Refresh every</Menu.Label>
          {REFRESH_CHOICES.map((choice) => (
            <Menu.Item key={choice} onClick={() => setSeconds(choice)} fw={choice === seconds ? 650 : 400}>
              {label(choice)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
