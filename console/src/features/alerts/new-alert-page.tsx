import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { post } from '../../api-client/http.ts';
import type { Alert } from '../../api-client/types.ts';
import { useSearchState } from '../../app/search-state.ts';
import { Page } from '../../components/page.tsx';
import { useToast } from '../../components/toasts.tsx';
import { type AlertDraft, bodyOf, NEW_DRAFT } from './alert-draft.ts';
import { AlertForm } from './alert-form.tsx';

interface Prefilled {
  metric?: string | undefined;
  service?: string | undefined;
  query?: string | undefined;
}

/** A new alert; the address may fill in what it is about. */
export function NewAlertPage() {
  const [{ metric, service, query }] = useSearchState<Prefilled>();
  const navigate = useNavigate();
  const client = useQueryClient();
  const toast = useToast();
  const create = useMutation({
    mutationFn: (draft: AlertDraft) => post<Alert>('api/alerts', bodyOf(draft)),
    onSuccess: (alert) => {
      void client.invalidateQueries({ queryKey: ['api/alerts'] });
      toast({ title: 'Alert created', text: alert.name, tone: 'ok' });
      void navigate({ to: '/alerts/$alertId', params: { alertId: alert.id } });
    },
  });
  const initial: AlertDraft = {
    ...NEW_DRAFT,
    metric: metric ?? '',
    service: service ?? '',
    query: query ?? '',
    watch: query ? 'query' : NEW_DRAFT.watch,
  };
  return (
    <Page title="New alert">
      <AlertForm
        initial={initial}
        submitLabel="Create alert"
        pending={create.isPending}
        error={create.error}
        onSubmit={create.mutate}
        onCancel={() => void navigate({ to: '/alerts' })}
      />
    </Page>
  );
}
