import { MultiSelect } from '@mantine/core';
import { useState } from 'react';
import type { Preferences } from '../../../api-client/types.ts';
import { CHANNEL_CHOICES, type ChannelName } from '../../../components/channel-names.ts';
import { Committed } from './conditions-table.tsx';
import classes from './preferences.module.css';
import type { PreferencesChange } from './use-preferences.ts';

interface FallbackFormProps {
  preferences: Preferences;
  onChange: (change: PreferencesChange) => void;
}

/** One channel after the other, until one is read or at least arrives; fewer than two are no chain. */
export function FallbackForm({ preferences, onChange }: FallbackFormProps) {
  const { fallback } = preferences;
  const [channels, setChannels] = useState<string[]>(fallback?.channels ?? []);
  const choose = (chosen: string[]) => {
    setChannels(chosen);
    if (chosen.length >= 2) onChange({ fallback: { ...fallback, channels: chosen as ChannelName[] } });
    else if (fallback) onChange({ fallback: null });
  };
  return (
    <div className={`${classes.line} ${classes.chain}`}>
      <MultiSelect
        label="One after the other"
        description={channels.length === 1 ? 'Choose the next one' : 'In this order; none: all at once'}
        placeholder={channels.length === 0 ? 'All at once' : ''}
        miw={320}
        data={CHANNEL_CHOICES}
        value={channels}
        onChange={choose}
      />
      {fallback ? (
        <div>
          <div className={classes.label}>The next one, if it is not read within</div>
          <Committed
            key={fallback.after ?? ''}
            label="The next one, if it is not read within"
            placeholder="only if it fails"
            value={fallback.after ?? ''}
            onCommit={(after) =>
              onChange({ fallback: { channels: fallback.channels, ...(after === '' ? {} : { after }) } })
            }
          />
        </div>
      ) : null}
    </div>
  );
}
