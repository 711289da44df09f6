import { Button, Menu, Modal, Select, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconCheck, IconClipboardText, IconDots, IconGitMerge, IconUser } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { getText } from '../../api-client/http.ts';
import type { Incident, IncidentSummary, Page } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { useCurrentUser } from '../../app/current-user.tsx';
import { useToast } from '../../components/toasts.tsx';
import { SnoozeMenu } from './snooze-menu.tsx';
import { useIncidentActions } from './use-incident-actions.ts';

/** What one can do to an incident as a whole. */
export function IncidentActions({ incident }: { incident: Incident }) {
  const act = useIncidentActions(incident);
  const [assigning, assign] = useDisclosure(false);
  const [merging, merge] = useDisclosure(false);
  const isOver = incident.status === 'resolved';
  return (
    <>
      {isOver ? null : (
        <>
          <Button
            leftSection={<IconCheck size={14} aria-hidden="true" />}
            disabled={incident.status === 'acknowledged'}
            loading={act.isPending && act.variables.action === 'acknowledge'}
            onClick={() => act.mutate({ action: 'acknowledge' })}
          >
            Acknowledge
          </Button>
          <SnoozeMenu onSnooze={(length) => act.mutate({ action: 'snooze', for: length })} />
          <Button variant="default" leftSection={<IconUser size={14} aria-hidden="true" />} onClick={assign.open}>
            Assign
          </Button>
          <Button
            variant="default"
            loading={act.isPending && act.variables.action === 'resolve'}
            onClick={() => act.mutate({ action: 'resolve' })}
          >
            Resolve
          </Button>
        </>
      )}
      <CopyReport incident={incident} />
      {isOver ? null : (
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="default" px={8} aria-label="More actions">
              <IconDots size={16} aria-hidden="true" />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconGitMerge size={14} aria-hidden="true" />} onClick={merge.open}>
              Merge into another incident
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      {assigning ? <AssignDialog incident={incident} onClose={assign.close} /> : null}
      {merging ? <MergeDialog incident={incident} onClose={merge.close} /> : null}
    </>
  );
}

/** Copies the incident as Markdown: the beginning of a post-mortem. */
function CopyReport({ incident }: { incident: Incident }) {
  const toast = useToast();
  const copy = useMutation({
    mutationFn: async () => navigator.clipboard.writeText(await getText(`api/incidents/${incident.id}/export`)),
    onSuccess: () => toast({ title: 'Copied as Markdown', text: incident.title, tone: 'ok' }),
    onError: (error) => toast({ title: 'That did not work', text: error.message, tone: 'error' }),
  });
  return (
    <Button
      variant="default"
      leftSection={<IconClipboardText size={14} aria-hidden="true" />}
      loading={copy.isPending}
      onClick={() => copy.mutate()}
    >
      Copy Markdown
    </Button>
  );
}

export function AssignDialog({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const act = useIncidentActions(incident);
  const { userId } = useCurrentUser();
  const [to, setTo] = useState(incident.assignee ?? '');
  const assign = (user: string | null) => act.mutate({ action: 'assign', to: user }, { onSuccess: onClose });
  return (
    <Modal opened onClose={onClose} title="Assign the incident" centered>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          assign(to.trim() || null);
        }}
      >
        <TextInput
          label="User"
          description="They are told in their inbox. Empty: nobody."
          data-autofocus
          value={to}
          onChange={(event) => setTo(event.currentTarget.value)}
        />
        <div style={{ display: 'flex', gap: 8, marginTop: 16 }}>
          <Button type="submit" loading={act.isPending}>
            Assign
          </Button>
          <Button variant="default" disabled={act.isPending} onClick={() => assign(userId)}>
            To me ({userId})
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function MergeDialog({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const act = useIncidentActions(incident);
  const navigate = useNavigate();
  const [into, setInto] = useState<string | null>(null);
  const open = useLiveQuery<Page<IncidentSummary>>('api/incidents', { limit: 100 });
  const others = (open.data?.items ?? []).filter(({ id, status }) => id !== incident.id && status !== 'resolved');
  return (
    <Modal opened onClose={onClose} title="Merge into another incident" centered>
      <Select
        label="Goes on as"
        description="All alerts of this incident move there, with the reason."
        placeholder={others.length === 0 ? 'No other incident is open' : 'Choose an incident'}
        searchable
        data={others.map(({ id, title }) => ({ value: id, label: title }))}
        value={into}
        onChange={setInto}
      />
      <Button
        mt={16}
        disabled={into === null}
        loading={act.isPending}
        onClick={() =>
          act.mutate(
            { action: 'merge', into: into! },
            { onSuccess: ({ id }) => void navigate({ to: '/incidents/$incidentId', params: { incidentId: id } }) },
          )
        }
      >
        Merge
      </Button>
    </Modal>
  );
}
