import { SegmentedControl } from '@mantine/core';
import { useState } from 'react';
import { serviceOrigin } from '../../api-client/http.ts';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { Snippet } from '../../components/snippet.tsx';
import { FirstSignals } from './first-signals.tsx';
import classes from './get-started-page.module.css';
import { snippets } from './snippets.ts';

/** From nothing to the first span. */
export function GetStartedPage() {
  const [name, setName] = useState('Node.js');
  const all = snippets(serviceOrigin());
  const chosen = all.find((snippet) => snippet.name === name) ?? all[0]!;
  return (
    <Page title="Get started" note="send data with OpenTelemetry, see it here">
      <FirstSignals />
      <Panel title="Send your first data">
        <SegmentedControl
          aria-label="Language"
          value={name}
          onChange={setName}
          data={all.map((snippet) => snippet.name)}
        />
        <ol className={classes.steps}>
          {chosen.steps.map((step) => (
            <li key={step.title}>
              <Snippet title={step.title} code={step.code} />
            </li>
          ))}
        </ol>
      </Panel>
    </Page>
  );
}
