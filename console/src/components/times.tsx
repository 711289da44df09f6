import { Tooltip } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { formatAgo, formatClock, formatFull, formatMoment } from '../format/time.ts';

/** One ticking clock for the whole page. */
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 5_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** Unix milliseconds, renewed every 5 seconds. */
function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** `4m ago`, the full time in a tooltip. */
export function RelativeTime({ time }: { time: string | null | undefined }) {
  const current = useNow();
  if (!time) return <span className="faint">never</span>;
  return (
    <Tooltip label={formatFull(time)}>
      <time dateTime={time}>{formatAgo(time, current)}</time>
    </Tooltip>
  );
}

/** `14:03:22.120`, the full time with zone in a tooltip. */
export function Timestamp({ time }: { time: string }) {
  return (
    <Tooltip label={formatFull(time)}>
      <time dateTime={time} className="mono">
        {formatClock(time)}
      </time>
    </Tooltip>
  );
}

/** `16:14`, with the day where it is not today; the full time with zone in a tooltip. */
export function Moment({ time }: { time: string }) {
  return (
    <Tooltip label={formatFull(time)}>
      <time dateTime={time}>{formatMoment(time, useNow())}</time>
    </Tooltip>
  );
}
