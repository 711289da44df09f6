import { Button } from '@mantine/core';
import { IconBellRinging } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useCurrentUser } from '../../app/current-user.tsx';
import { Badge } from '../../components/badges.tsx';
import { Panel } from '../../components/panel.tsx';
import { testBell } from './test-bell.ts';

/** Whether what is sent to the reader's inbox appears at the bell at once, to be tried. */
export function BellPanel() {
  const { userId } = useCurrentUser();
  const test = useMutation({ mutationFn: () => testBell(userId) });
  const outcome = test.error ? { isGood: false, text: `Not sent: ${test.error.message}` } : test.data;
  return (
    <Panel
      title="The bell"
      note={`the inbox of ${userId}, live in this browser`}
      actions={
        <Button
          variant="default"
          size="compact-sm"
          leftSection={<IconBellRinging size={14} aria-hidden="true" />}
          loading={test.isPending}
          onClick={() => test.mutate()}
        >
          Test the bell
        </Button>
      }
    >
      <div role="status" aria-label="Test of the bell">
        {outcome ? (
          <>
            <Badge tone={outcome.isGood ? 'ok' : 'error'}>{outcome.isGood ? 'Works' : 'Does not work'}</Badge>{' '}
            {outcome.text}
          </>
        ) : (
          <span className="muted">Sends a notification to yourself and says whether and how fast it arrives here.</span>
        )}
      </div>
    </Panel>
  );
}
