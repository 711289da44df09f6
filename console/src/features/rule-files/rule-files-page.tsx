import { Button, FileButton } from '@mantine/core';
import { IconFileCode, IconFileUpload } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { postYaml, remove } from '../../api-client/http.ts';
import type { RuleFileImport, RuleFileList } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, ErrorState, Loaded } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { useToast } from '../../components/toasts.tsx';
import { AlertTabs } from '../alerts/alert-tabs.tsx';
import { RuleGroupTable } from './rule-group-table.tsx';
import { useRuleGroups } from './use-rule-groups.ts';

const PATH = 'api/alerts/rule-files';
type RuleFile = RuleFileList['items'][number];

/** Rule files of Prometheus: their groups, whether they are well, and the way to import one. */
export function RuleFilesPage() {
  const files = useLiveQuery<RuleFileList>(PATH);
  const { groups } = useRuleGroups();
  const importing = useImport();
  const button = (
    <FileButton accept=".yml,.yaml,application/yaml,text/yaml" onChange={(file) => file && importing.mutate(file)}>
      {(props) => (
        <Button {...props} loading={importing.isPending} leftSection={<IconFileUpload size={14} aria-hidden="true" />}>
          Import a rule file
        </Button>
      )}
    </FileButton>
  );
  return (
    <Page title="Rule files" note="of Prometheus: alerts and recording rules" actions={button}>
      <AlertTabs />
      {importing.error ? (
        <div className={surface.surface}>
          <ErrorState error={importing.error} />
        </div>
      ) : null}
      <Loaded
        query={files}
        rows={6}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <div className={surface.surface}>
            <EmptyState icon={IconFileCode} title="No rule file">
              Rule files of Prometheus run as they are: name them in <code>rule_files</code> of the configuration, or
              import one.
            </EmptyState>
          </div>
        }
      >
        {({ items }) =>
          items.map((file) => (
            <FilePanel key={file.name} file={file}>
              {groups
                ?.filter((group) => group.file === file.name)
                .map((group) => (
                  <RuleGroupTable key={group.name} group={group} />
                ))}
            </FilePanel>
          ))
        }
      </Loaded>
    </Page>
  );
}

function FilePanel({ file, children }: { file: RuleFile; children: ReactNode }) {
  const [isSure, setSure] = useState(false);
  const client = useQueryClient();
  const toast = useToast();
  const drop = useMutation({
    mutationFn: () => remove(`${PATH}/${encodeURIComponent(file.name)}`),
    onSuccess: () => toast({ title: 'Rule file removed', text: file.name, tone: 'ok' }),
    onError: (error) => toast({ title: 'That did not work', text: error.message, tone: 'error' }),
    onSettled: () => client.invalidateQueries(),
  });
  const sum = (kind: 'alerting' | 'recording') => file.groups.reduce((total, group) => total + group[kind], 0);
  return (
    <Panel
      title={file.name}
      note={
        <>
          {sum('alerting')} alerts, {sum('recording')} recording rules,{' '}
          {file.source === 'file' ? (
            'named by the configuration'
          ) : (
            <>
              imported by {file.saved_by} <RelativeTime time={file.saved_at} />
            </>
          )}
        </>
      }
      actions={
        file.source === 'api' ? (
          <Button
            size="compact-xs"
            variant="default"
            {...(isSure ? { color: 'red', variant: 'filled' } : {})}
            loading={drop.isPending}
            onClick={() => (isSure ? drop.mutate() : setSure(true))}
            onBlur={() => setSure(false)}
          >
            {isSure ? 'Remove it and end its alerts' : 'Remove'}
          </Button>
        ) : undefined
      }
      flush
    >
      {children}
    </Panel>
  );
}

/** Takes a file under its own name, the next one of this name in its place. */
function useImport() {
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: async (file: File) => {
      const name = file.name.replaceAll(/[\s;]+/g, '-').slice(0, 200);
      return postYaml<RuleFileImport>('api/alerts/import', await file.text(), { file: name });
    },
    onSuccess: async ({ file, created, updated, removed }) => {
      const text = `${file}: ${created.length} alerts new, ${updated.length} changed, ${removed.length} gone`;
      toast({ title: 'Imported', text, tone: 'ok' });
      await client.invalidateQueries();
    },
  });
}
