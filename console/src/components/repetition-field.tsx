import { Chip, Select, TextInput } from '@mantine/core';
import { DAYS, nameOfDay, type Recurrence } from './recurrence.ts';
import classes from './repetition-field.module.css';

const KINDS = [
  { value: 'once', label: 'Once' },
  { value: 'daily', label: 'Every day' },
  { value: 'weekly', label: 'Every week' },
  { value: 'monthly', label: 'Every month' },
  { value: 'custom', label: 'By a rule' },
];

interface RepetitionFieldProps {
  value: Recurrence;
  onChange: (recurrence: Recurrence) => void;
  fault: string | undefined;
}

/** Whether and when something comes again. */
export function RepetitionField({ value, onChange, fault }: RepetitionFieldProps) {
  return (
    <div className={classes.repetition}>
      <Select
        label="Comes again"
        w={150}
        data={KINDS}
        allowDeselect={false}
        value={value.kind}
        error={value.kind === 'custom' ? undefined : fault}
        onChange={(kind) => onChange({ ...value, kind: (kind ?? 'once') as Recurrence['kind'] })}
      />
      {value.kind === 'weekly' ? (
        <Chip.Group multiple value={value.days} onChange={(days) => onChange({ ...value, days })}>
          <fieldset className={classes.days} aria-label="On these days">
            {DAYS.map((day) => (
              <Chip key={day} value={day} size="xs" radius="sm">
                {nameOfDay(day)}
              </Chip>
            ))}
          </fieldset>
        </Chip.Group>
      ) : null}
      {value.kind === 'custom' ? (
        <TextInput
          label="Rule (RFC 5545)"
          placeholder="FREQ=MONTHLY;BYDAY=-1SU"
          className={classes.rule!}
          classNames={{ input: 'mono' }}
          spellCheck={false}
          value={value.rule}
          error={fault}
          onChange={(event) => onChange({ ...value, rule: event.currentTarget.value })}
        />
      ) : null}
    </div>
  );
}
