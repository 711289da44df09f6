import { Button } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { post } from '../../api-client/http.ts';
import { useCurrentUser } from '../../app/current-user.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { Loaded } from '../../components/states.tsx';
import { useToast } from '../../components/toasts.tsx';
import { NotificationTabs } from './notification-tabs.tsx';
import { ChannelsTable } from './preferences/channels-table.tsx';
import { ConditionsTable } from './preferences/conditions-table.tsx';
import { ExplainPanel } from './preferences/explain-panel.tsx';
import { FallbackForm } from './preferences/fallback-form.tsx';
import { TimesForm } from './preferences/times-form.tsx';
import { TypesTable } from './preferences/types-table.tsx';
import { usePreferences } from './preferences/use-preferences.ts';

/** By which channels the reader wants to hear, of what, and when. */
export function PreferencesPage() {
  const { userId } = useCurrentUser();
  const toast = useToast();
  const { query, save, verify } = usePreferences(userId);
  const test = useMutation({
    mutationFn: () =>
      post<unknown>('api/notifications/notify', {
        user_id: userId,
        type: 'test',
        subject: 'Test notification',
        message: 'Sent from the preferences of the console.',
      }),
    onSuccess: () => toast({ title: 'On its way', text: 'To every channel that is switched on.', tone: 'ok' }),
    onError: (error) => toast({ title: 'Not sent', text: error.message, tone: 'error' }),
  });
  return (
    <Page
      title="Notification preferences"
      note={`of ${userId}`}
      actions={
        <Button
          variant="default"
          leftSection={<IconSend size={14} aria-hidden="true" />}
          loading={test.isPending}
          onClick={() => test.mutate()}
        >
          Send me a test
        </Button>
      }
    >
      <NotificationTabs />
      <Loaded query={query} rows={8}>
        {(preferences) => (
          <>
            <Panel title="Channels" flush note="A channel needs to be configured at the service as well">
              <ChannelsTable
                preferences={preferences}
                pending={save.isPending}
                onChange={(change) => save.mutate(change)}
                onVerify={(request) => verify.mutate(request)}
              />
            </Panel>
            <Panel title="When and in which order" note="What is critical passes quiet hours and digests">
              <TimesForm preferences={preferences} onChange={(change) => save.mutate(change)} />
              <FallbackForm key={userId} preferences={preferences} onChange={(change) => save.mutate(change)} />
            </Panel>
            <Panel
              title="Conditions"
              note="A channel that does not meet them is passed over, and the history says so"
              flush
            >
              <ConditionsTable preferences={preferences} onChange={(change) => save.mutate(change)} />
            </Panel>
            <Panel title="Types" note="A decision for a type goes before its channel">
              <TypesTable preferences={preferences} onChange={(change) => save.mutate(change)} />
            </Panel>
            <ExplainPanel userId={userId} />
          </>
        )}
      </Loaded>
    </Page>
  );
}
