import { ActionIcon, Button, Chip, Group, Select, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { Preferences } from '../../../api-client/types.ts';
import { capital } from '../../../components/badges.tsx';
import { TIME_ZONES } from '../../../components/time-zones.ts';
import classes from './preferences.module.css';
import { DIGESTS, type PreferencesChange } from './use-preferences.ts';

type Windows = NonNullable<NonNullable<Preferences['quiet_hours']>['windows']>;
type Day = NonNullable<Windows[number]['days']>[number];

const DAYS: readonly Day[] = ['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'];

interface TimesFormProps {
  preferences: Preferences;
  onChange: (change: PreferencesChange) => void;
}

/** When a user wants to be told: time zone, digest, quiet hours. */
export function TimesForm({ preferences, onChange }: TimesFormProps) {
  const windows = preferences.quiet_hours?.windows ?? [];
  const set = (changed: Windows) =>
    onChange({ quiet_hours: changed.length === 0 ? null : { ...preferences.quiet_hours, windows: changed } });
  const replace = (index: number, change: Partial<Windows[number]>) =>
    set(windows.map((window, at) => (at === index ? { ...window, ...change } : window)));
  return (
    <>
      <div className={classes.line}>
        <Select
          label="Time zone"
          w={260}
          searchable
          data={TIME_ZONES.includes(preferences.time_zone) ? TIME_ZONES : [preferences.time_zone, ...TIME_ZONES]}
          value={preferences.time_zone}
          onChange={(value) => onChange({ time_zone: value })}
        />
        <Select
          label="Sent, unless the channel says otherwise"
          w={260}
          placeholder="At once"
          clearable
          data={DIGESTS}
          value={preferences.digest ?? null}
          onChange={(value) => onChange({ digest: value })}
        />
      </div>
      {windows.map((window, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: windows have no other name than their place
        <fieldset key={index} className={classes.line} style={{ border: 0, padding: 0, margin: '0 0 12px' }}>
          <legend className="visually-hidden">Quiet hours {index + 1}</legend>
          <TextInput
            type="time"
            label="Quiet from"
            key={`start ${window.start}`}
            defaultValue={window.start}
            onBlur={(event) => {
              const start = event.currentTarget.value;
              if (start !== '' && start !== window.start) replace(index, { start });
            }}
          />
          <TextInput
            type="time"
            label="until"
            key={`end ${window.end}`}
            defaultValue={window.end}
            onBlur={(event) => {
              const end = event.currentTarget.value;
              if (end !== '' && end !== window.end) replace(index, { end });
            }}
          />
          <Chip.Group
            multiple
            value={window.days ?? [...DAYS]}
            onChange={(days) => {
              if (days.length > 0) replace(index, { days: DAYS.filter((day) => days.includes(day)) });
            }}
          >
            <Group gap={4} aria-label="Days on which it begins">
              {DAYS.map((day) => (
                <Chip key={day} value={day} size="xs">
                  {capital(day)}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
          <ActionIcon
            variant="subtle"
            aria-label={`Remove quiet hours ${index + 1}`}
            onClick={() => set(windows.filter((_, at) => at !== index))}
          >
            <IconTrash size={16} aria-hidden="true" />
          </ActionIcon>
        </fieldset>
      ))}
      <Button
        variant="default"
        leftSection={<IconPlus size={14} aria-hidden="true" />}
        onClick={() => set([...windows, { start: '22:00', end: '07:00' }])}
      >
        Add quiet hours
      </Button>
    </>
  );
}
