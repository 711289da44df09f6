import { ActionIcon, Autocomplete, Button, Select, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { faultOf, post } from '../../../api-client/http.ts';
import type { Subscription } from '../../../api-client/types.ts';
import { useCurrentUser } from '../../../app/current-user.tsx';
import { capital } from '../../../components/badges.tsx';
import { CHANNEL_CHOICES } from '../../../components/channel-names.ts';
import form from '../../../components/form.module.css';
import { Panel } from '../../../components/panel.tsx';
import { SaveForm } from '../../../components/save-form.tsx';
import { FieldErrors } from '../../../components/states.tsx';
import { SEVERITIES } from '../preferences/use-preferences.ts';
import { type Condition, filtersOf, OPERATORS } from './filters.ts';
import classes from './topics.module.css';

const USER = 'user';
let nextKey = 0;

interface SubscriptionFormProps {
  topics: readonly string[];
  /** Chosen at first. */
  topic: string | undefined;
  onDone: () => void;
}

/** Who hears of which events, under which conditions. */
export function SubscriptionForm({ topics, topic, onDone }: SubscriptionFormProps) {
  const { userId } = useCurrentUser();
  const [what, setWhat] = useState(topic ?? '');
  const [by, setBy] = useState(USER);
  const [recipient, setRecipient] = useState(userId);
  const [severity, setSeverity] = useState<string | null>(null);
  const [conditions, setConditions] = useState<Condition[]>([]);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      post<Subscription>('api/subscriptions', {
        ...(topics.includes(what) ? { topic: what } : { event_type: what }),
        ...(by === USER ? { user_id: recipient } : { channel: by, ...(recipient !== '' && { address: recipient }) }),
        min_severity: severity,
        filters: filtersOf(conditions),
      }),
    onSuccess: async () => {
      await client.invalidateQueries();
      onDone();
    },
  });
  const fault = (...paths: string[]) => paths.map((path) => faultOf(save.error, path)).find(Boolean);
  const set = (key: number, change: Partial<Condition>) =>
    setConditions(conditions.map((one) => (one.key === key ? { ...one, ...change } : one)));
  return (
    <Panel title="New subscription">
      <SaveForm save={save} submit="Subscribe" onCancel={onDone}>
        <div className={form.row}>
          <Autocomplete
            size="xs"
            label="Topic, or type of events"
            placeholder="deployments or com.example.*"
            required
            data={[...topics]}
            value={what}
            error={fault('topic', 'event_type')}
            onChange={setWhat}
          />
          <Select
            label="From severity"
            placeholder="Any"
            clearable
            data={SEVERITIES.map((value) => ({ value, label: capital(value) }))}
            value={severity}
            onChange={setSeverity}
          />
        </div>
        <div className={form.row}>
          <Select
            label="Tell"
            allowDeselect={false}
            data={[
              { value: USER, label: 'A user, as the preferences say' },
              ...CHANNEL_CHOICES.filter(({ value }) => value !== 'in_app'),
            ]}
            value={by}
            onChange={(value) => {
              setBy(value ?? USER);
              setRecipient(value === USER ? userId : '');
            }}
          />
          <TextInput
            label={by === USER ? 'User id' : 'Address'}
            placeholder={by === USER ? '' : 'The configured endpoint'}
            value={recipient}
            error={fault('user_id', 'address', 'channel')}
            onChange={(event) => setRecipient(event.currentTarget.value)}
          />
        </div>
        {conditions.map((condition, index) => (
          <fieldset key={condition.key} className={classes.condition}>
            <legend className="visually-hidden">Condition {index + 1}</legend>
            <TextInput
              label="Where"
              placeholder="data.environment"
              value={condition.attribute}
              onChange={(event) => set(condition.key, { attribute: event.currentTarget.value })}
            />
            <Select
              aria-label="Compares"
              data={OPERATORS}
              allowDeselect={false}
              w={130}
              value={condition.operator}
              onChange={(value) => set(condition.key, { operator: value ?? 'exact' })}
            />
            <TextInput
              aria-label="Value"
              placeholder="production"
              value={condition.value}
              onChange={(event) => set(condition.key, { value: event.currentTarget.value })}
            />
            <ActionIcon
              aria-label={`Remove condition ${index + 1}`}
              onClick={() => setConditions(conditions.filter(({ key }) => key !== condition.key))}
            >
              <IconTrash size={16} aria-hidden="true" />
            </ActionIcon>
          </fieldset>
        ))}
        <div>
          <Button
            variant="default"
            leftSection={<IconPlus size={14} aria-hidden="true" />}
            onClick={() =>
              setConditions([...conditions, { key: nextKey++, attribute: '', operator: 'exact', value: '' }])
            }
          >
            Add a condition
          </Button>
        </div>
        {fault('topic', 'event_type', 'user_id', 'address', 'channel') ? null : <FieldErrors error={save.error} />}
      </SaveForm>
    </Panel>
  );
}
