import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { remove } from '../api-client/http.ts';
import { useToast } from './toasts.tsx';

interface RemoveButtonProps {
  /** Of the service; a DELETE goes there. */
  path: string;
  /** What goes, for those who do not see its row: `Remove: Nightly backup`. */
  label: string;
  /** On the button. */
  word?: string;
  /** Said when it is gone. */
  done?: { title: string; text: string };
}

/** Removes one thing, and has everything that is shown read anew. */
export function RemoveButton({ path, label, word = 'Remove', done }: RemoveButtonProps) {
  const client = useQueryClient();
  const toast = useToast();
  const drop = useMutation({
    mutationFn: () => remove(path),
    onSuccess: () => {
      if (done) toast({ ...done, tone: 'ok' });
    },
    onError: (error) => toast({ title: 'That did not work', text: error.message, tone: 'error' }),
    onSettled: () => client.invalidateQueries(),
  });
  return (
    <Button
      size="compact-xs"
      variant="default"
      loading={drop.isPending}
      aria-label={label}
      onClick={() => drop.mutate()}
    >
      {word}
    </Button>
  );
}
