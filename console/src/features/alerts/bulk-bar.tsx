import { Button, Menu } from '@mantine/core';
import { IconBellOff, IconCheck, IconZzz } from '@tabler/icons-react';
import surface from '../../components/surface.module.css';
import { useBulkAction } from './use-bulk-action.ts';

const TIMES = [
  { value: '1h', label: '1 hour' },
  { value: '4h', label: '4 hours' },
  { value: '1d', label: '1 day' },
];

/** What can be done to the chosen alerts at once. */
export function BulkBar({ ids, onDone }: { ids: readonly string[]; onDone: () => void }) {
  const act = useBulkAction(ids);
  return (
    <div className={surface.bar} role="toolbar" aria-label="Chosen alerts" style={{ alignItems: 'center' }}>
      <span>{ids.length} chosen</span>
      <Button
        size="xs"
        leftSection={<IconCheck size={14} aria-hidden="true" />}
        loading={act.isPending && act.variables.action === 'acknowledge'}
        onClick={() => act.mutate({ action: 'acknowledge' }, { onSuccess: onDone })}
      >
        Acknowledge
      </Button>
      <For
        label="Snooze"
        icon={IconZzz}
        onChoose={(time) => act.mutate({ action: 'snooze', for: time }, { onSuccess: onDone })}
      />
      <For
        label="Silence"
        icon={IconBellOff}
        onChoose={(time) => act.mutate({ action: 'silence', for: time }, { onSuccess: onDone })}
      />
      <Button size="xs" variant="default" onClick={onDone}>
        Choose none
      </Button>
    </div>
  );
}

interface ForProps {
  label: string;
  icon: typeof IconZzz;
  onChoose: (time: string) => void;
}

function For({ label, icon: Icon, onChoose }: ForProps) {
  return (
    <Menu>
      <Menu.Target>
        <Button size="xs" variant="default" leftSection={<Icon size={14} aria-hidden="true" />}>
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {TIMES.map(({ value, label: name }) => (
          <Menu.Item key={value} onClick={() => onChoose(value)}>
            for {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
