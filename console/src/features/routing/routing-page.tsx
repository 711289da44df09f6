import { Button, Modal } from '@mantine/core';
import { useDebouncedValue, useDisclosure } from '@mantine/hooks';
import { IconPencil, IconRotate } from '@tabler/icons-react';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { post, remove } from '../../api-client/http.ts';
import type { RouteTest, RoutingView } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { useSearchState } from '../../app/search-state.ts';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { Loaded } from '../../components/states.tsx';
import { useToast } from '../../components/toasts.tsx';
import { formatLabels, parseLabels } from './labels-text.ts';
import { ReceiverTable } from './receiver-table.tsx';
import { countReceivers, readRoute } from './route-node.ts';
import { RouteTester } from './route-tester.tsx';
import { RouteTree } from './route-tree.tsx';
import { RoutingEditor } from './routing-editor.tsx';
import classes from './routing-page.module.css';

const PATH = 'api/alerts/routes';
const PAUSE_MS = 250;
const ORIGINS = {
  built_in: 'built in: everything goes to the default recipients',
  file: 'set by the configuration file, and changed there',
  api: 'set here or by the API',
};

/** Who hears of which alert: the routes, a tester, and an editor. */
export function RoutingPage() {
  const query = useLiveQuery<RoutingView>(PATH);
  const [isEditing, editor] = useDisclosure(false);
  const origin = query.data?.origin;
  return (
    <Page
      title="Routing"
      note={origin ? ORIGINS[origin] : undefined}
      actions={
        origin && origin !== 'file' && !isEditing ? (
          <>
            {origin === 'api' ? <BackToBuiltIn /> : null}
            <Button leftSection={<IconPencil size={14} aria-hidden="true" />} onClick={editor.open}>
              Edit or import
            </Button>
          </>
        ) : undefined
      }
    >
      <Loaded query={query} rows={10}>
        {(routing) => (
          <>
            {isEditing ? <RoutingEditor routing={routing} onDone={editor.close} /> : null}
            <Routes routing={routing} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Routes({ routing }: { routing: RoutingView }) {
  const tester = useTester();
  const root = readRoute(routing.route);
  const reached = new Set(tester.test?.routes.map(({ route_key }) => route_key));
  const taken = new Set(
    tester.test?.routes.flatMap(({ path }) => path.map((_, at) => path.slice(0, at + 1).join('/'))),
  );
  const { inhibit_rules: rules, time_intervals: intervals } = routing;
  const extras = [
    rules > 0 ? `${rules} inhibit ${rules === 1 ? 'rule' : 'rules'}` : '',
    intervals.length > 0 ? `time intervals ${intervals.join(', ')}` : '',
  ].filter((text) => text !== '');
  return (
    <div className={classes.columns}>
      <div className={classes.left}>
        <Panel title="Routes" note={extras.join(' · ')}>
          <div className={classes.tree}>
            <RouteTree root={root} taken={taken} reached={reached} />
          </div>
        </Panel>
        <ReceiverTable receivers={routing.receivers} routes={countReceivers(root)} />
      </div>
      <div className={classes.right}>
        <RouteTester {...tester} />
      </div>
    </div>
  );
}

/** What is asked of the tester lives in the address, so that it can be shown to others. */
function useTester() {
  const [{ labels: inAddress }, change] = useSearchState<{ labels?: string | undefined }>();
  const [text, setText] = useState(inAddress ?? '');
  const parsed = parseLabels(text);
  const labels = 'labels' in parsed ? parsed.labels : undefined;
  const [asked] = useDebouncedValue(labels && Object.keys(labels).length > 0 ? formatLabels(labels) : '', PAUSE_MS);
  const query = useQuery({
    queryKey: [`${PATH}/test`, asked],
    queryFn: () => post<RouteTest>(`${PATH}/test`, parseLabels(asked)),
    enabled: asked !== '',
    placeholderData: keepPreviousData,
    retry: false,
  });
  return {
    text,
    onText: (next: string) => {
      setText(next);
      change({ labels: next }, true);
    },
    fault: 'fault' in parsed ? parsed.fault : undefined,
    test: asked === '' ? undefined : query.data,
    error: query.error,
  };
}

function BackToBuiltIn() {
  const [isAsking, question] = useDisclosure(false);
  const client = useQueryClient();
  const toast = useToast();
  const reset = useMutation({
    mutationFn: () => remove(PATH),
    onSuccess: () => toast({ title: 'Routing is built in again', tone: 'ok' }),
    onError: (error) => toast({ title: 'That did not work', text: error.message, tone: 'error' }),
    onSettled: () => {
      question.close();
      return client.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith(PATH) });
    },
  });
  return (
    <>
      <Button variant="default" leftSection={<IconRotate size={14} aria-hidden="true" />} onClick={question.open}>
        Back to built-in
      </Button>
      <Modal opened={isAsking} onClose={question.close} title="Back to the built-in routing?" centered>
        <p>
          Routes, receivers, inhibit rules and time intervals are deleted. Everything goes to the default recipients.
        </p>
        <div className={classes.buttons}>
          <Button color="red" loading={reset.isPending} onClick={() => reset.mutate()}>
            Delete them
          </Button>
          <Button variant="default" onClick={question.close}>
            Keep them
          </Button>
        </div>
      </Modal>
    </>
  );
}
