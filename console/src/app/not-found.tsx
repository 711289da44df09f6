import { IconMapOff } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Page } from '../components/page.tsx';
import { EmptyState } from '../components/states.tsx';

export function NotFound() {
  return (
    <Page title="Page not found">
      <EmptyState icon={IconMapOff} title="There is nothing at this address">
        Go back to the <Link to="/">overview</Link>.
      </EmptyState>
    </Page>
  );
}
