import { ActionIcon, Button, Popover, TextInput, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconUser } from '@tabler/icons-react';
import { useState } from 'react';
import { forgetApiKey, useCredentials } from '../api-client/credentials.ts';
import { useCurrentUser } from './current-user.tsx';

/** Whose inbox and preferences the console shows. */
export function UserMenu() {
  const { userId, setUserId } = useCurrentUser();
  const [opened, popover] = useDisclosure(false);
  const [draft, setDraft] = useState(userId);
  const { key } = useCredentials();
  return (
    <Popover
      opened={opened}
      onChange={(open) => (open ? popover.open() : popover.close())}
      position="bottom-end"
      trapFocus
      width={250}
      shadow="lg"
    >
      <Popover.Target>
        <Tooltip label={`User: ${userId}`} disabled={opened}>
          <ActionIcon
            size="lg"
            aria-label={`User: ${userId}`}
            onClick={() => {
              setDraft(userId);
              popover.toggle();
            }}
          >
            <IconUser size={18} stroke={1.7} />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label="User">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (draft.trim() === '') return;
            setUserId(draft.trim());
            popover.close();
          }}
        >
          <TextInput
            label="User id"
            description="Whose inbox and preferences are shown here."
            value={draft}
            onChange={(event) => setDraft(event.currentTarget.value)}
          />
          <Button type="submit" mt="sm" fullWidth disabled={draft.trim() === ''}>
            Use this id
          </Button>
          {key === undefined ? null : (
            <Button variant="default" mt="xs" fullWidth onClick={forgetApiKey}>
              Forget the API key
            </Button>
          )}
        </form>
      </Popover.Dropdown>
    </Popover>
  );
}
