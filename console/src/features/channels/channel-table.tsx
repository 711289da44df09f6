import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, post, remove } from '../../api-client/http.ts';
import type { ChannelTest } from '../../api-client/types.ts';
import { Badge } from '../../components/badges.tsx';
import { nameOfChannel } from '../../components/channel-names.ts';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { useToast } from '../../components/toasts.tsx';
import { CHANNELS, type Channel } from './channel-types.ts';
import classes from './channels.module.css';

const ORIGINS = { settings: 'settings', file: 'configuration', api: 'own' } as const;

interface ChannelTableProps {
  channels: readonly Channel[];
  onEdit: (channel: Channel) => void;
}

export function ChannelTable({ channels, onEdit }: ChannelTableProps) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">Channel</th>
          <th scope="col">State</th>
          <th scope="col" className={table.minor}>
            Address
          </th>
          <th scope="col" className={table.minor}>
            Origin
          </th>
          <th scope="col">
            <span className="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {channels.map((channel) => (
          <ChannelRow key={`${channel.origin} ${channel.id}`} channel={channel} onEdit={() => onEdit(channel)} />
        ))}
      </tbody>
    </table>
  );
}

function ChannelRow({ channel, onEdit }: { channel: Channel; onEdit: () => void }) {
  const { name, kind, target, origin, drift, address } = channel;
  const isOwn = origin === 'api';
  return (
    <tr>
      <th scope="row" className={table.wide}>
        {name}
        <div className={table.detail}>{[nameOfChannel(kind), target].filter(Boolean).join(' · ')}</div>
      </th>
      <td>
        <State channel={channel} />
      </td>
      <td className={`${table.minor} mono`}>{address === '' ? <span className="faint">the default</span> : address}</td>
      <td className={table.minor}>
        {ORIGINS[origin]}
        {drift === 'different' ? ', differs from the saved one' : ''}
      </td>
      <td>
        <div className={classes.actions}>
          <TestButton channel={channel} />
          {isOwn ? (
            <>
              <Button variant="subtle" size="compact-sm" aria-label={`Edit ${name}`} onClick={onEdit}>
                Edit
              </Button>
              <DeleteButton channel={channel} />
            </>
          ) : null}
        </div>
      </td>
    </tr>
  );
}

function State({ channel: { breaker, problem, enabled } }: { channel: Channel }) {
  if (!enabled) return <Badge tone="unknown">Off</Badge>;
  if (problem !== null) {
    return (
      <>
        <Badge tone="warning">Not ready</Badge>
        <div className={table.detail}>{problem}</div>
      </>
    );
  }
  if (breaker.state === 'closed') {
    return <Badge tone="ok">{breaker.failures === 0 ? 'Ready' : `${breaker.failures} failed`}</Badge>;
  }
  return (
    <>
      <Badge tone="error">{breaker.state === 'open' ? 'Resting' : 'Probing'}</Badge>
      <div className={table.detail}>
        {breaker.last_failure}, since {breaker.failures} attempts; next <RelativeTime time={breaker.retry_at} />
      </div>
    </>
  );
}

/** Sends a message that says that it is a test, and shows what came of it. */
function TestButton({ channel }: { channel: Channel }) {
  const [outcome, setOutcome] = useState<string>();
  const client = useQueryClient();
  const test = useMutation({
    mutationFn: () => post<ChannelTest>(`${CHANNELS}/${encodeURIComponent(channel.id)}/test`, {}),
    onSuccess: ({ outcome: result, detail, recipient, took_ms }) => {
      const words = result === 'sent' ? `Sent to ${recipient}` : 'Not sent';
      setOutcome(`${words}${detail ? `: ${detail}` : ''} (${Math.round(took_ms)} ms)`);
    },
    onError: (error) => setOutcome(`Not sent: ${error instanceof ApiError ? error.message : 'no answer'}`),
    onSettled: () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === CHANNELS }),
  });
  const isGood = test.data?.outcome === 'sent';
  return (
    <>
      <Button
        variant="default"
        size="compact-sm"
        aria-label={`Test ${channel.name}`}
        loading={test.isPending}
        onClick={() => test.mutate()}
      >
        Test
      </Button>
      <span role="status" className={classes.outcome} data-good={isGood}>
        {outcome}
      </span>
    </>
  );
}

function DeleteButton({ channel: { id, name } }: { channel: Channel }) {
  const [isAsked, setAsked] = useState(false);
  const client = useQueryClient();
  const toast = useToast();
  const drop = useMutation({
    mutationFn: () => remove(`${CHANNELS}/${encodeURIComponent(id)}`),
    onError: (error) => toast({ title: 'Not deleted', text: error.message, tone: 'error' }),
    onSettled: () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === CHANNELS }),
  });
  return (
    <Button
      variant="subtle"
      color={isAsked ? 'red' : 'gray'}
      size="compact-sm"
      aria-label={isAsked ? `Really delete ${name}` : `Delete ${name}`}
      loading={drop.isPending}
      onBlur={() => setAsked(false)}
      onClick={() => (isAsked ? drop.mutate() : setAsked(true))}
    >
      {isAsked ? 'Really delete' : 'Delete'}
    </Button>
  );
}
