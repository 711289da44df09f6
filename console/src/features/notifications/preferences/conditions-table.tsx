import { TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Preferences } from '../../../api-client/types.ts';
import table from '../../../components/table.module.css';
import { readMatchers } from './matchers.ts';
import classes from './preferences.module.css';
import { CHANNELS, type PreferencesChange } from './use-preferences.ts';

interface ConditionsTableProps {
  preferences: Preferences;
  onChange: (change: PreferencesChange) => void;
}

/** What else has to be so that a channel is used: labels that match, nobody at the inbox. */
export function ConditionsTable({ preferences, onChange }: ConditionsTableProps) {
  const used = CHANNELS.filter(({ channel, placeholder }) => {
    const { addresses, matchers, unless_seen_within: unseen, online_hold: hold } = preferences.channels[channel];
    return placeholder !== undefined && (addresses.length > 0 || matchers || unseen || hold);
  });
  if (used.length === 0) return <p className={classes.hint}>Channels with an address can have conditions.</p>;
  return (
    <div className={classes.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Channel</th>
            <th scope="col">Only with these labels</th>
            <th scope="col">Not if seen in the inbox within</th>
            <th scope="col">While the inbox is open, waits</th>
          </tr>
        </thead>
        <tbody>
          {used.map(({ channel, name }) => {
            const settings = preferences.channels[channel];
            return (
              <tr key={channel}>
                <th scope="row" className={table.tight}>
                  {name}
                </th>
                <td>
                  <Committed
                    label={`${name} only with these labels`}
                    placeholder={'severity="critical", service=~"web.*"'}
                    value={settings.matchers?.join(', ') ?? ''}
                    onCommit={(text) => onChange({ channel, matchers: text === '' ? null : readMatchers(text) })}
                  />
                </td>
                <td className={table.tight}>
                  <Committed
                    label={`${name} not if seen in the inbox within`}
                    placeholder="10m"
                    value={settings.unless_seen_within ?? ''}
                    onCommit={(text) => onChange({ channel, unless_seen_within: text || null })}
                  />
                </td>
                <td className={table.tight}>
                  <Committed
                    label={`${name} waits while the inbox is open`}
                    placeholder={channel === 'email' ? '2m' : 'not'}
                    value={settings.online_hold ?? ''}
                    onCommit={(text) => onChange({ channel, online_hold: text || null })}
                  />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

interface CommittedProps {
  label: string;
  placeholder: string;
  value: string;
  /** Called with what was written, when the field is left or Enter is pressed. */
  onCommit: (text: string) => void;
}

/** A field that is saved when it is left. */
export function Committed({ label, placeholder, value, onCommit }: CommittedProps) {
  const [text, setText] = useState(value);
  const commit = () => {
    if (text.trim() !== value) onCommit(text.trim());
  };
  return (
    <TextInput
      aria-label={label}
      placeholder={placeholder}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
      }}
    />
  );
}
