import { Button, Paper, PasswordInput, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { setApiKey, useCredentials } from '../api-client/credentials.ts';
import classes from './sign-in.module.css';

/** Shows the console, or asks for an API key where the service has refused to answer without one. */
export function SignInGate({ children }: { children: ReactNode }) {
  const { key, refused } = useCredentials();
  return refused ? <SignIn wasWrong={key !== undefined} /> : children;
}

function SignIn({ wasWrong }: { wasWrong: boolean }) {
  const [draft, setDraft] = useState('');
  const queryClient = useQueryClient();
  return (
    <main className={classes.page}>
      <Paper
        component="form"
        withBorder
        p="xl"
        w={380}
        onSubmit={(event) => {
          event.preventDefault();
          if (draft.trim() === '') return;
          queryClient.clear();
          setApiKey(draft.trim());
        }}
      >
        <Title order={1} size="h3">
          System Service
        </Title>
        <Text size="sm" c="dimmed" mt="xs" mb="md">
          This service asks for an API key. Whoever runs it makes one with <code>npm run keys -- create</code>.
        </Text>
        <PasswordInput
          label="API key"
          value={draft}
          onChange={(event) => setDraft(event.currentTarget.value)}
          error={wasWrong ? 'The service does not know this key' : undefined}
          autoComplete="off"
          data-autofocus
        />
        <Button type="submit" mt="md" fullWidth disabled={draft.trim() === ''}>
          Sign in
        </Button>
      </Paper>
    </main>
  );
}
