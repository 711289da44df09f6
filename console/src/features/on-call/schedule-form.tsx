import { Button, NumberInput, Select, TagsInput, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { faultOf, post, put } from '../../api-client/http.ts';
import type { OnCallSchedule } from '../../api-client/types.ts';
import form from '../../components/form.module.css';
import { Panel } from '../../components/panel.tsx';
import { SaveForm } from '../../components/save-form.tsx';
import { useToast } from '../../components/toasts.tsx';
import { toLocalInput } from '../../format/time.ts';
import { useOnCallRefresh } from './use-on-call-refresh.ts';

type Layer = OnCallSchedule['layers'][number];

function newLayer(number: number): Layer {
  const start = toLocalInput(new Date().setHours(9, 0, 0, 0)).slice(0, 16);
  return { name: `layer ${number}`, rotation: 'weekly', every: 1, start, participants: [], hours: [] };
}

/** A schedule and its rotations; a later layer wins over an earlier one. */
export function ScheduleForm({ schedule, onDone }: { schedule: OnCallSchedule | undefined; onDone: () => void }) {
  const [name, setName] = useState(schedule?.name ?? '');
  const [timeZone, setTimeZone] = useState(
    () => schedule?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  );
  const [layers, setLayers] = useState<Layer[]>(() => schedule?.layers ?? [newLayer(1)]);
  const toast = useToast();
  const refresh = useOnCallRefresh();
  const save = useMutation({
    mutationFn: () => {
      const body = { name, time_zone: timeZone, layers };
      return schedule ? put(`api/on-call/schedules/${schedule.id}`, body) : post('api/on-call/schedules', body);
    },
    onSuccess: () => {
      toast({ title: 'Schedule saved', text: name, tone: 'ok' });
      onDone();
    },
    onSettled: refresh,
  });
  const change = (index: number, changes: Partial<Layer>) =>
    setLayers(layers.map((layer, position) => (position === index ? { ...layer, ...changes } : layer)));
  return (
    <Panel title={schedule ? `Change ${schedule.name}` : 'New schedule'}>
      <SaveForm save={save} onCancel={onDone}>
        <div className={form.row}>
          <TextInput
            label="Name"
            required
            value={name}
            error={faultOf(save.error, 'name')}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label="Time zone"
            value={timeZone}
            error={faultOf(save.error, 'time_zone')}
            onChange={(event) => setTimeZone(event.currentTarget.value)}
          />
        </div>
        {layers.map((layer, index) => (
          <LayerFields
            // biome-ignore lint/suspicious/noArrayIndexKey: layers are told apart by their place
            key={index}
            layer={layer}
            number={index + 1}
            error={save.error}
            onChange={(changes) => change(index, changes)}
            onRemove={layers.length > 1 ? () => setLayers(layers.filter((_, place) => place !== index)) : undefined}
          />
        ))}
        <div>
          <Button
            type="button"
            size="xs"
            variant="default"
            leftSection={<IconPlus size={13} aria-hidden="true" />}
            onClick={() => setLayers([...layers, newLayer(layers.length + 1)])}
          >
            Add a layer above
          </Button>
        </div>
      </SaveForm>
    </Panel>
  );
}

interface LayerFieldsProps {
  layer: Layer;
  number: number;
  error: Error | null;
  onChange: (changes: Partial<Layer>) => void;
  onRemove: (() => void) | undefined;
}

function LayerFields({ layer, number, error, onChange, onRemove }: LayerFieldsProps) {
  const path = `layers[${number - 1}]`;
  return (
    <fieldset className={form.fieldset}>
      <legend>Layer {number}</legend>
      <TagsInput
        label={`Who takes turns in layer ${number}`}
        description="User ids in their order"
        value={[...layer.participants]}
        error={faultOf(error, `${path}.participants`)}
        onChange={(participants) => onChange({ participants })}
      />
      <div className={form.row}>
        <TextInput
          label="Name of the layer"
          value={layer.name}
          error={faultOf(error, `${path}.name`)}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
        <NumberInput
          label="Handoff every"
          min={1}
          max={500}
          value={layer.every}
          error={faultOf(error, `${path}.every`)}
          onChange={(value) => onChange({ every: Number(value) })}
        />
        <Select
          label="Unit"
          data={[
            { value: 'hourly', label: 'hours' },
            { value: 'daily', label: 'days' },
            { value: 'weekly', label: 'weeks' },
          ]}
          allowDeselect={false}
          value={layer.rotation}
          onChange={(value) => onChange({ rotation: (value ?? 'weekly') as Layer['rotation'] })}
        />
        <TextInput
          label="First handoff"
          type="datetime-local"
          value={layer.start}
          error={faultOf(error, `${path}.start`)}
          onChange={(event) => onChange({ start: event.currentTarget.value.slice(0, 16) })}
        />
      </div>
      {onRemove ? (
        <Button type="button" mt={10} size="compact-xs" variant="default" onClick={onRemove}>
          Remove layer {number}
        </Button>
      ) : null}
    </fieldset>
  );
}
