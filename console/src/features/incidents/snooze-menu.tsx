import { Button, Menu } from '@mantine/core';
import { IconZzz } from '@tabler/icons-react';

const LENGTHS = [
  { value: '30m', label: '30 minutes' },
  { value: '1h', label: '1 hour' },
  { value: '4h', label: '4 hours' },
  { value: '1d', label: '1 day' },
];

/** For how long nobody is to hear of what fires. */
export function SnoozeMenu({ onSnooze }: { onSnooze: (length: string) => void }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconZzz size={14} aria-hidden="true" />}>
          Snooze
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {LENGTHS.map(({ value, label }) => (
          <Menu.Item key={value} onClick={() => onSnooze(value)}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
