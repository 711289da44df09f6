import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useSearchState } from '../../../app/search-state.ts';
import { Page } from '../../../components/page.tsx';
import { NotificationTabs } from '../notification-tabs.tsx';
import { ScheduleForm } from './schedule-form.tsx';
import { ScheduleTable } from './schedule-table.tsx';
import { WaitingTable } from './waiting-table.tsx';

/** What will be said later: by the calendar, and what waits for its time now. */
export function ScheduledPage() {
  const [{ new: isNew }, change] = useSearchState<{ new?: string | undefined }>();
  const open = () => change({ new: 'yes' });
  return (
    <Page
      title="Scheduled notifications"
      actions={
        isNew ? undefined : (
          <Button leftSection={<IconPlus size={14} aria-hidden="true" />} onClick={open}>
            New schedule
          </Button>
        )
      }
    >
      <NotificationTabs />
      {isNew ? <ScheduleForm onDone={() => change({ new: undefined })} /> : null}
      <ScheduleTable />
      <WaitingTable />
    </Page>
  );
}
