import { Button, Chip, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { faultOf } from '../../api-client/http.ts';
import type { EscalationPolicy } from '../../api-client/types.ts';
import form from '../../components/form.module.css';
import classes from './escalation-page.module.css';

type Conditions = EscalationPolicy['steps'][number]['conditions'];
type Hours = Conditions['hours'][number];

interface HoursFieldsProps {
  /** Of the step, from 1. */
  number: number;
  conditions: Conditions;
  error: Error | null;
  onChange: (changes: Pick<Conditions, 'hours'> | Pick<Conditions, 'time_zone'>) => void;
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const NEW_HOURS: Hours = { days: [1, 2, 3, 4, 5], start: '09:00', end: '17:00' };
/** As many as the service takes. */
const MOST_HOURS = 21;

/** When a step may run: any number of times of the day, each on days of its own, in one time zone. */
export function HoursFields({ number, conditions, error, onChange }: HoursFieldsProps) {
  const { hours, time_zone } = conditions;
  const path = `steps[${number - 1}].conditions`;
  const replace = (index: number, changes: Partial<Hours>) =>
    onChange({ hours: hours.map((one, other) => (other === index ? { ...one, ...changes } : one)) });
  return (
    <>
      {hours.map((one, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: hours are told apart by their place
        <fieldset key={index} className={form.fieldset}>
          <legend>{`Hours ${index + 1} of step ${number}`}</legend>
          <div className={form.row}>
            <TextInput
              label="Only from"
              type="time"
              value={one.start}
              error={faultOf(error, `${path}.hours[${index}].start`)}
              onChange={(event) => replace(index, { start: event.currentTarget.value })}
            />
            <TextInput
              label="Until"
              type="time"
              value={one.end}
              error={faultOf(error, `${path}.hours[${index}].end`)}
              onChange={(event) => replace(index, { end: event.currentTarget.value })}
            />
          </div>
          <Chip.Group
            multiple
            value={one.days.map(String)}
            onChange={(days) => replace(index, { days: days.map(Number).sort((a, b) => a - b) })}
          >
            <fieldset className={classes.days} aria-label="Days">
              {DAYS.map((day, position) => (
                <Chip key={day} size="xs" value={String(position + 1)}>
                  {day}
                </Chip>
              ))}
            </fieldset>
          </Chip.Group>
          <Button
            type="button"
            mt={10}
            size="compact-xs"
            variant="default"
            leftSection={<IconTrash size={12} aria-hidden="true" />}
            onClick={() => onChange({ hours: hours.filter((_, other) => other !== index) })}
          >
            {`Remove hours ${index + 1} of step ${number}`}
          </Button>
        </fieldset>
      ))}
      {hours.length > 0 ? (
        <TextInput
          label="In the time zone"
          value={time_zone}
          error={faultOf(error, `${path}.time_zone`)}
          onChange={(event) => onChange({ time_zone: event.currentTarget.value })}
        />
      ) : null}
      {hours.length < MOST_HOURS ? (
        <div>
          <Button
            type="button"
            size="compact-xs"
            variant="default"
            leftSection={<IconPlus size={12} aria-hidden="true" />}
            onClick={() => onChange({ hours: [...hours, NEW_HOURS] })}
          >
            {hours.length === 0 ? `Only at certain hours in step ${number}` : `More hours for step ${number}`}
          </Button>
        </div>
      ) : null}
    </>
  );
}
