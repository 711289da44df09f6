import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { post } from '../../api-client/http.ts';
import type { TemplatePreview as Preview } from '../../api-client/types.ts';
import classes from './template-editor.module.css';
import type { Variant } from './template-variants.tsx';

const PAUSE_MS = 300;
const SAMPLES = {
  given: 'with given data',
  last_event: 'with the data of the last notification of its types',
  examples: 'with the examples of its variables',
};

interface Draft {
  id: string;
  subject: string;
  message: string;
  variants: readonly Variant[];
}

function isForSomeone({ channel, locale }: Variant): boolean {
  return channel !== undefined || locale !== undefined;
}

function nameOf({ channel, locale }: Variant, at: number): string {
  return [channel?.replaceAll('_', ' '), locale].filter(Boolean).join(', ') || `Variant ${at + 1}`;
}

/** What a message by the draft would look like, once the writer pauses, and what is wrong with the draft. */
export function TemplatePreview({ draft }: { draft: Draft }) {
  const [shown, setShown] = useState(0);
  const { channel, locale } = draft.variants[shown - 1] ?? {};
  const template = { ...draft, id: draft.id || 'draft', variants: draft.variants.filter(isForSomeone) };
  const [asked] = useDebouncedValue(JSON.stringify({ template, channel, locale }), PAUSE_MS);
  const query = useQuery({
    queryKey: ['api/notifications/templates/preview', asked],
    queryFn: () => post<Preview>('api/notifications/templates/preview', JSON.parse(asked)),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const { data, error } = query;
  return (
    <section className={classes.preview} aria-label="Preview">
      <div className={classes.title}>Preview</div>
      {draft.variants.length > 0 ? (
        <Select
          aria-label="Variant to show"
          allowDeselect={false}
          data={['The template itself', ...draft.variants.map(nameOf)].map((label, at) => ({ value: `${at}`, label }))}
          value={`${Math.min(shown, draft.variants.length)}`}
          onChange={(value) => setShown(Number(value))}
        />
      ) : null}
      {error ? <p className={classes.error}>{error.message}</p> : null}
      {data && !error ? (
        <>
          <p className="muted">{SAMPLES[data.sample]}</p>
          <div className={classes.paper}>
            <b>{data.subject}</b>
            <p>{data.message}</p>
            {data.facts.map((fact) => (
              <div key={fact.name}>
                {fact.name}: {fact.value}
              </div>
            ))}
          </div>
          {data.error ? <p className={classes.error}>{data.error}; the built-in template would stand in.</p> : null}
          <ul className={classes.findings} aria-label="What may be wrong">
            {data.lint.map(({ field, line, column, message, level }) => (
              <li key={`${field} ${line} ${column} ${message}`} data-level={level}>
                {field}, line {line}, column {column}: {message}
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </section>
  );
}
