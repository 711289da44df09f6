import { TagsInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { faultOf, post } from '../../../api-client/http.ts';
import type { Topic } from '../../../api-client/types.ts';
import form from '../../../components/form.module.css';
import { Panel } from '../../../components/panel.tsx';
import { SaveForm } from '../../../components/save-form.tsx';

/** A word that people can subscribe to, and the events that belong to it. */
export function TopicForm({ onDone }: { onDone: () => void }) {
  const [id, setId] = useState('');
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [types, setTypes] = useState<string[]>([]);
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      post<Topic>('api/topics', { id, description, event_types: types, ...(name.trim() !== '' && { name }) }),
    onSuccess: async () => {
      await client.invalidateQueries();
      onDone();
    },
  });
  const fault = (path: string) => faultOf(save.error, path);
  return (
    <Panel title="New topic">
      <SaveForm save={save} onCancel={onDone}>
        <div className={form.row}>
          <TextInput
            label="Id"
            placeholder="deployments"
            required
            value={id}
            error={fault('id')}
            onChange={(event) => setId(event.currentTarget.value)}
          />
          <TextInput
            label="Name"
            placeholder="As people see it"
            value={name}
            error={fault('name')}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        </div>
        <TextInput
          label="Description"
          value={description}
          error={fault('description')}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <TagsInput
          label="Types of events"
          description="`*` stands for anything; Enter after each"
          placeholder="com.example.deploy.*"
          value={types}
          error={fault('event_types') ?? fault('event_types[0]')}
          onChange={setTypes}
        />
      </SaveForm>
    </Panel>
  );
}
