import { Button, Select, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Preferences } from '../../../api-client/types.ts';
import { Badge, capital } from '../../../components/badges.tsx';
import table from '../../../components/table.module.css';
import classes from './preferences.module.css';
import {
  CHANNELS,
  type Channel,
  type ChannelSettings,
  DIGESTS,
  type PreferencesChange,
  SEVERITIES,
} from './use-preferences.ts';

interface ChannelsTableProps {
  preferences: Preferences;
  pending: boolean;
  onChange: (change: PreferencesChange) => void;
  onVerify: (request: { channel: Channel; code?: string }) => void;
}

/** By which channels a user wants to hear, where, and of what. */
export function ChannelsTable({ preferences, pending, onChange, onVerify }: ChannelsTableProps) {
  return (
    <div className={classes.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Channel</th>
            <th scope="col">On</th>
            <th scope="col">Address</th>
            <th scope="col">From severity</th>
            <th scope="col">Sent</th>
            <th scope="col">In quiet hours</th>
          </tr>
        </thead>
        <tbody>
          {CHANNELS.map(({ channel, name, placeholder }) => (
            <ChannelRow
              key={`${preferences.user_id} ${channel}`}
              name={name}
              placeholder={placeholder}
              settings={preferences.channels[channel]}
              pending={pending}
              onChange={(change) => onChange({ channel, ...change })}
              onVerify={(code) => onVerify({ channel, ...(code !== undefined && { code }) })}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface ChannelRowProps {
  name: string;
  /** Channels without an address have none. */
  placeholder: string | undefined;
  settings: ChannelSettings;
  pending: boolean;
  onChange: (change: PreferencesChange) => void;
  onVerify: (code?: string) => void;
}

function ChannelRow({ name, placeholder, settings, pending, onChange, onVerify }: ChannelRowProps) {
  const isInbox = placeholder === undefined;
  const digest = settings.digest ?? null;
  const digests = digest && !DIGESTS.some(({ value }) => value === digest) ? [{ value: digest, label: digest }] : [];
  return (
    <tr>
      <th scope="row" className={table.tight}>
        {name}
      </th>
      <td className={table.tight}>
        <Switch
          size="sm"
          aria-label={`${name} on`}
          checked={settings.enabled}
          disabled={pending}
          onChange={(event) => onChange({ enabled: event.currentTarget.checked })}
        />
      </td>
      <td>
        {isInbox ? (
          <span className="faint">the bell above</span>
        ) : (
          <Addresses
            name={name}
            placeholder={placeholder}
            settings={settings}
            onChange={onChange}
            onVerify={onVerify}
          />
        )}
      </td>
      <td className={table.tight}>
        <Select
          aria-label={`${name} from severity`}
          w={120}
          placeholder="Any"
          clearable
          data={SEVERITIES.map((value) => ({ value, label: capital(value) }))}
          value={settings.min_severity ?? null}
          onChange={(value) => onChange({ min_severity: value as ChannelSettings['min_severity'] | null })}
        />
      </td>
      <td className={table.tight}>
        {isInbox ? null : (
          <Select
            aria-label={`${name} is sent`}
            w={160}
            placeholder="As below"
            clearable
            data={[...DIGESTS, ...digests]}
            value={digest}
            onChange={(value) => onChange({ digest: value })}
          />
        )}
      </td>
      <td className={table.tight}>
        {isInbox ? null : (
          <Select
            aria-label={`${name} in quiet hours`}
            w={140}
            placeholder="As below"
            clearable
            data={[
              { value: 'defer', label: 'Waits' },
              { value: 'drop', label: 'Not sent' },
              { value: 'allow', label: 'Sent' },
            ]}
            value={settings.quiet_hours?.policy ?? null}
            onChange={(value) => onChange({ quiet_hours: policyOf(value) })}
          />
        )}
      </td>
    </tr>
  );
}

function policyOf(value: string | null): PreferencesChange['quiet_hours'] {
  return value === null ? null : { policy: value as 'defer' | 'drop' | 'allow' };
}

function Addresses({
  name,
  placeholder,
  settings,
  onChange,
  onVerify,
}: Omit<ChannelRowProps, 'pending' | 'placeholder'> & { placeholder: string }) {
  const saved = settings.addresses.map(({ address }) => address).join(', ');
  const [text, setText] = useState(saved);
  const [code, setCode] = useState('');
  const open = settings.addresses.filter(({ verified }) => !verified);
  const commit = () => {
    if (text.trim() === saved) return;
    const addresses = text.split(/[\s,]+/).filter((address) => address !== '');
    onChange(addresses.length === 0 ? { address: null } : { addresses });
  };
  return (
    <div className={classes.addresses}>
      <TextInput
        aria-label={`${name} address`}
        placeholder={placeholder}
        miw={180}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
        }}
      />
      {saved !== '' && open.length === 0 ? (
        <Badge tone="ok" soft={false}>
          Verified
        </Badge>
      ) : null}
      {open.length > 0 ? (
        <form
          className={classes.code}
          onSubmit={(event) => {
            event.preventDefault();
            onVerify(code.trim());
          }}
        >
          <Badge tone="warning">Not verified</Badge>
          <TextInput
            aria-label={`Code sent to the ${name} address`}
            placeholder="Code"
            w={84}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" disabled={!/^\d{6}$/.test(code.trim())}>
            Verify
          </Button>
          <Button variant="subtle" onClick={() => onVerify()}>
            New code
          </Button>
        </form>
      ) : null}
    </div>
  );
}
