import { Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { get, post } from '../../api-client/http.ts';
import type { TemplateVersionList, TemplateView } from '../../api-client/types.ts';
import { Loaded } from '../../components/states.tsx';
import { RelativeTime } from '../../components/times.tsx';
import { useToast } from '../../components/toasts.tsx';
import classes from './template-editor.module.css';

interface TemplateVersionsProps {
  template: TemplateView;
  onRestored: () => Promise<void>;
}

/** The versions of an own template, and the way back to one. */
export function TemplateVersions({ template, onRestored }: TemplateVersionsProps) {
  const path = `api/notifications/templates/${encodeURIComponent(template.id)}`;
  const toast = useToast();
  const query = useQuery({
    queryKey: ['api/notifications/templates', template.id, 'versions', template.version],
    queryFn: ({ signal }) => get<TemplateVersionList>(`${path}/versions`, {}, signal),
  });
  const restore = useMutation({
    mutationFn: (version: number) => post<TemplateView>(`${path}/restore`, { version }),
    onSuccess: async (restored, version) => {
      toast({ title: `Version ${version} is back`, text: `as version ${restored.version}`, tone: 'ok' });
      await onRestored();
    },
    onError: (error) => toast({ title: 'That did not work', text: error.message, tone: 'error' }),
  });
  return (
    <section className={classes.versions} aria-label="Versions">
      <div className={classes.title}>Versions</div>
      <Loaded query={query} rows={2}>
        {({ items }) =>
          items.map(({ version, saved_at, saved_by, deleted, subject, message }) => (
            <div key={version} className={classes.version}>
              <details>
                <summary>
                  <b>{version}</b>
                  <span className="muted">
                    <RelativeTime time={saved_at} /> by {saved_by}
                    {version === template.version ? ', now' : ''}
                  </span>
                  <span className="truncate">{deleted ? 'deleted' : subject}</span>
                </summary>
                {deleted ? null : <pre className={classes.source}>{message}</pre>}
              </details>
              {version === template.version || deleted ? null : (
                <Button
                  size="compact-xs"
                  variant="default"
                  loading={restore.isPending && restore.variables === version}
                  aria-label={`Restore version ${version}`}
                  onClick={() => restore.mutate(version)}
                >
                  Restore
                </Button>
              )}
            </div>
          ))
        }
      </Loaded>
    </section>
  );
}
