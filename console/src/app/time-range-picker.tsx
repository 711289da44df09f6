import { Button, Popover, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown, IconClock } from '@tabler/icons-react';
import { useState } from 'react';
import { timeZone, toLocalInput } from '../format/time.ts';
import { describeRange, PRESETS, resolveRange, type TimeRange } from '../time/time-range.ts';
import { useTimeRange } from '../time/use-time-range.ts';
import classes from './time-range-picker.module.css';

/** The global time range: moving with the clock, or fixed. */
export function TimeRangePicker() {
  const [range, setRange] = useTimeRange();
  const [opened, popover] = useDisclosure(false);
  const choose = (next: TimeRange) => {
    setRange(next);
    popover.close();
  };
  return (
    <Popover
      opened={opened}
      onChange={(open) => (open ? popover.open() : popover.close())}
      position="bottom-end"
      trapFocus
      shadow="lg"
    >
      <Popover.Target>
        <Button
          variant="default"
          className={classes.button!}
          onClick={popover.toggle}
          leftSection={<IconClock size={15} stroke={1.7} aria-hidden="true" />}
          rightSection={<IconChevronDown size={13} stroke={1.7} aria-hidden="true" />}
          aria-label={`Time range: ${describeRange(range)}`}
        >
          <span className={classes.text}>{describeRange(range)}</span>
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown!} role="dialog" aria-label="Choose a time range">
        <ul className={classes.presets}>
          {PRESETS.map((preset) => (
            <li key={preset.start}>
              <button
                type="button"
                aria-pressed={preset.start === range.start && range.end === 'now'}
                onClick={() => choose({ start: preset.start, end: 'now' })}
              >
                {preset.label}
              </button>
            </li>
          ))}
        </ul>
        {opened ? <FixedRange range={range} onChoose={choose} /> : null}
      </Popover.Dropdown>
    </Popover>
  );
}

function FixedRange({ range, onChoose }: { range: TimeRange; onChoose: (range: TimeRange) => void }) {
  const [initial] = useState(() => resolveRange(range, Date.now()));
  const [start, setStart] = useState(toLocalInput(initial.start));
  const [end, setEnd] = useState(toLocalInput(initial.end));
  const wrong = !(new Date(start).getTime() < new Date(end).getTime());
  return (
    <form
      className={classes.fixed}
      onSubmit={(event) => {
        event.preventDefault();
        if (!wrong) onChoose({ start: new Date(start).toISOString(), end: new Date(end).toISOString() });
      }}
    >
      <strong>Fixed range</strong>
      <TextInput
        type="datetime-local"
        step={1}
        label="From"
        value={start}
        onChange={(event) => setStart(event.currentTarget.value)}
      />
      <TextInput
        type="datetime-local"
        step={1}
        label="To"
        value={end}
        onChange={(event) => setEnd(event.currentTarget.value)}
        error={wrong ? 'Must be after “From”' : undefined}
      />
      <Button type="submit" disabled={wrong}>
        Apply
      </Button>
      <small className="faint">Times are in your zone, {timeZone}.</small>
    </form>
  );
}
