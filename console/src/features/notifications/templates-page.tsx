import { Button } from '@mantine/core';
import { IconTemplate } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { get } from '../../api-client/http.ts';
import type { Page as List, TemplateView } from '../../api-client/types.ts';
import { useSearchState } from '../../app/search-state.ts';
import { Page } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import table from '../../components/table.module.css';
import { NotificationTabs } from './notification-tabs.tsx';
import { TemplateEditor } from './template-editor.tsx';

const NEW = 'new';
const ORIGINS = { predefined: 'predefined', file: 'configuration', api: 'own' } as const;

/** The texts of messages: what there is, and an editor with preview. */
export function TemplatesPage() {
  const [{ id }, change] = useSearchState<{ id?: string | undefined }>();
  const query = useQuery({
    queryKey: ['api/notifications/templates'],
    queryFn: ({ signal }) => get<List<TemplateView>>('api/notifications/templates', {}, signal),
  });
  const chosen = query.data?.items.find((template) => template.id === id);
  const close = () => change({ id: undefined });
  return (
    <Page
      title="Notification templates"
      note="the texts of messages"
      actions={
        <Button variant="default" onClick={() => change({ id: NEW })}>
          New template
        </Button>
      }
    >
      <NotificationTabs />
      {id === NEW || chosen ? (
        <TemplateEditor
          key={`${id} ${chosen?.version}`}
          template={chosen}
          onDone={(saved) => change({ id: saved })}
          onClose={close}
        />
      ) : null}
      <div className={surface.surface}>
        <Loaded
          query={query}
          rows={8}
          isEmpty={({ items }) => items.length === 0}
          empty={<EmptyState icon={IconTemplate} title="No templates" />}
        >
          {({ items }) => (
            <table className={table.table}>
              <thead>
                <tr>
                  <th scope="col">Template</th>
                  <th scope="col">Origin</th>
                  <th scope="col" className={table.minor}>
                    For types
                  </th>
                  <th scope="col" className={table.number}>
                    Version
                  </th>
                </tr>
              </thead>
              <tbody>
                {items.map((template) => (
                  <tr key={template.id}>
                    <th scope="row" className={table.wide}>
                      <button type="button" className={table.choose} onClick={() => change({ id: template.id })}>
                        {template.id}
                      </button>
                      <div className={table.detail}>{template.subject}</div>
                    </th>
                    <td className={table.tight}>
                      {ORIGINS[template.origin]}
                      {template.drift === 'different' ? ', differs from the saved one' : ''}
                    </td>
                    <td className={`${table.minor} muted`}>{template.types.join(', ')}</td>
                    <td className={table.number}>{template.version === 0 ? '–' : template.version}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Loaded>
      </div>
    </Page>
  );
}
