import { Checkbox, Select, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { faultOf, post, put } from '../../api-client/http.ts';
import { nameOfChannel } from '../../components/channel-names.ts';
import { Panel } from '../../components/panel.tsx';
import { SaveForm } from '../../components/save-form.tsx';
import { useToast } from '../../components/toasts.tsx';
import { CHANNELS, type Channel, type ChannelKind } from './channel-types.ts';
import classes from './channels.module.css';

interface ChannelFormProps {
  /** Left out: a new one. */
  channel: Channel | undefined;
  kinds: readonly ChannelKind[];
  onClose: () => void;
}

/** Sets a channel up, field by field as its kind has them. Secrets are written, never shown. */
export function ChannelForm({ channel, kinds, onClose }: ChannelFormProps) {
  const [kind, setKind] = useState(channel?.kind ?? 'slack');
  const [id, setId] = useState(channel?.id ?? '');
  const [name, setName] = useState(channel?.name ?? '');
  const [enabled, setEnabled] = useState(channel?.enabled ?? true);
  const [settings, setSettings] = useState<Readonly<Record<string, string>>>(channel?.settings ?? {});
  const client = useQueryClient();
  const toast = useToast();
  const fields = kinds.find((one) => one.kind === kind)?.settings ?? [];
  const save = useMutation({
    mutationFn: () => {
      const given = fields.flatMap((field) => (settings[field.name] ? [[field.name, settings[field.name]]] : []));
      const body = { ...(name.trim() !== '' && { name }), enabled, settings: Object.fromEntries(given) };
      if (channel) return put<Channel>(`${CHANNELS}/${encodeURIComponent(channel.id)}`, body);
      return post<Channel>(CHANNELS, { ...body, id, kind });
    },
    onSuccess: (saved) => {
      toast({ title: 'Saved', text: saved.name, tone: 'ok' });
      onClose();
    },
    onSettled: () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === CHANNELS }),
  });
  return (
    <Panel title={channel ? `Edit ${channel.name}` : 'New channel'}>
      <SaveForm save={save} className={classes.form} onCancel={onClose}>
        <div className={classes.row}>
          <Select
            label="Kind"
            data={kinds.map((one) => ({ value: one.kind, label: nameOfChannel(one.kind) }))}
            allowDeselect={false}
            disabled={channel !== undefined}
            value={kind}
            onChange={(value) => setKind((value ?? 'slack') as Channel['kind'])}
          />
          <TextInput
            label="Id"
            description={`Named by addresses: channel:${id || '…'}`}
            required
            disabled={channel !== undefined}
            value={id}
            error={faultOf(save.error, 'id')}
            onChange={(event) => setId(event.currentTarget.value)}
          />
          <TextInput
            label="Name"
            description="As people see it"
            value={name}
            error={faultOf(save.error, 'name')}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        </div>
        {fields.map((field) => (
          <TextInput
            key={`${kind} ${field.name}`}
            label={labelOf(field.name)}
            description={field.help}
            required={field.required && !channel?.secrets.includes(field.name)}
            type={field.secret ? 'password' : 'text'}
            autoComplete={field.secret ? 'new-password' : 'off'}
            placeholder={channel?.secrets.includes(field.name) ? 'set; leave empty to keep it' : undefined}
            value={settings[field.name] ?? ''}
            error={faultOf(save.error, `settings.${field.name}`)}
            onChange={(event) => setSettings({ ...settings, [field.name]: event.currentTarget.value })}
          />
        ))}
        <Checkbox
          label="On"
          description="Off: what would go there is held back, with that reason"
          checked={enabled}
          onChange={(event) => setEnabled(event.currentTarget.checked)}
        />
      </SaveForm>
    </Panel>
  );
}

function labelOf(name: string): string {
  const words = name.replaceAll('_', ' ').replace(/\b(url|sid|id)\b/g, (word) => word.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}
