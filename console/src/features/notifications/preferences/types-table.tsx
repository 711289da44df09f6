import { Button, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Preferences } from '../../../api-client/types.ts';
import table from '../../../components/table.module.css';
import classes from './preferences.module.css';
import { CHANNELS, type Channel, type PreferencesChange } from './use-preferences.ts';

interface TypesTableProps {
  preferences: Preferences;
  onChange: (change: PreferencesChange) => void;
}

/** What is decided for single types of notifications, and for categories. */
export function TypesTable({ preferences, onChange }: TypesTableProps) {
  const [type, setType] = useState('');
  const [channel, setChannel] = useState<Channel>('email');
  const decided = Object.entries(preferences.types).flatMap(([name, byChannel]) =>
    CHANNELS.filter((one) => byChannel[one.channel]?.enabled !== undefined).map((one) => ({
      ...one,
      type: name,
      enabled: byChannel[one.channel]!.enabled!,
    })),
  );
  const decide = (enabled: boolean) => {
    onChange({ channel, type: type.trim(), enabled });
    setType('');
  };
  return (
    <>
      <div className={classes.line}>
        <TextInput
          label="Type or category"
          placeholder="deploy.done or deploy.*"
          value={type}
          onChange={(event) => setType(event.currentTarget.value)}
        />
        <Select
          label="on"
          w={160}
          allowDeselect={false}
          data={CHANNELS.map((one) => ({ value: one.channel, label: one.name }))}
          value={channel}
          onChange={(value) => setChannel((value ?? 'email') as Channel)}
        />
        <Button variant="default" disabled={type.trim() === ''} onClick={() => decide(false)}>
          Switch off
        </Button>
        <Button variant="default" disabled={type.trim() === ''} onClick={() => decide(true)}>
          Switch on
        </Button>
      </div>
      {decided.length === 0 ? (
        <p className="muted">Every type goes where its channel says.</p>
      ) : (
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Type</th>
              <th scope="col">Channel</th>
              <th scope="col">Decided</th>
              <th scope="col">
                <span className="visually-hidden">Change</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {decided.map((row) => (
              <tr key={`${row.type} ${row.channel}`}>
                <th scope="row">{row.type}</th>
                <td>{row.name}</td>
                <td>{row.enabled ? 'On' : 'Off'}</td>
                <td className={table.tight}>
                  <Button
                    variant="subtle"
                    aria-label={`Forget ${row.type} on ${row.channel}`}
                    onClick={() => onChange({ channel: row.channel, type: row.type, enabled: null })}
                  >
                    Forget
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
