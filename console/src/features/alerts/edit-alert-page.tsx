import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { get, put } from '../../api-client/http.ts';
import type { Alert } from '../../api-client/types.ts';
import { Page } from '../../components/page.tsx';
import { ErrorState, LoadingRows } from '../../components/states.tsx';
import { useToast } from '../../components/toasts.tsx';
import { type AlertDraft, bodyOf, draftOf } from './alert-draft.ts';
import { AlertForm, hasSteps } from './alert-form.tsx';

export function EditAlertPage() {
  const { alertId } = useParams({ strict: false }) as { alertId: string };
  const query = useQuery({
    queryKey: ['api/alerts', alertId, 'edit'],
    queryFn: ({ signal }) => get<Alert>(`api/alerts/${encodeURIComponent(alertId)}`, {}, signal),
    // What is being edited does not change under the reader's hands.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  if (query.data) return <Editor alert={query.data} />;
  return (
    <Page title="Edit alert">
      {query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <LoadingRows rows={8} />}
    </Page>
  );
}

function Editor({ alert }: { alert: Alert }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const toast = useToast();
  const back = () => void navigate({ to: '/alerts/$alertId', params: { alertId: alert.id } });
  const save = useMutation({
    mutationFn: (draft: AlertDraft) => put<Alert>(`api/alerts/${alert.id}`, bodyOf(draft, alert)),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['api/alerts'] });
      toast({ title: 'Alert saved', text: alert.name, tone: 'ok' });
      back();
    },
  });
  return (
    <Page title={`Edit ${alert.name}`}>
      <AlertForm
        initial={draftOf(alert)}
        submitLabel="Save changes"
        pending={save.isPending}
        error={save.error}
        hasSteps={hasSteps(alert)}
        onSubmit={save.mutate}
        onCancel={back}
      />
    </Page>
  );
}
