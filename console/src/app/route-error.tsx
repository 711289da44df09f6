import type { ErrorComponentProps } from '@tanstack/react-router';
import { Page } from '../components/page.tsx';
import { ErrorState } from '../components/states.tsx';

/** What is shown where a page itself fails, the shell staying in place. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  return (
    <Page title="Page failed">
      <ErrorState error={error instanceof Error ? error : new Error(String(error))} onRetry={reset} />
    </Page>
  );
}
