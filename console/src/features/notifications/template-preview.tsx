import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { post } from '../../api-client/http.ts';
import type { TemplatePreview as Preview } from '../../api-client/types.ts';
import classes from './template-editor.module.css';

const PAUSE_MS = 300;
const SAMPLES = {
  given: 'with given data',
  last_event: 'with the data of the last notification of its types',
  examples: 'with the examples of its variables',
};

/** What a message by the draft would look like, once the writer pauses, and what is wrong with the draft. */
export function TemplatePreview({ draft }: { draft: { id: string; subject: string; message: string } }) {
  const [asked] = useDebouncedValue(JSON.stringify({ ...draft, id: draft.id || 'draft' }), PAUSE_MS);
  const query = useQuery({
    queryKey: ['api/notifications/templates/preview', asked],
    queryFn: () => post<Preview>('api/notifications/templates/preview', { template: JSON.parse(asked) }),
    placeholderData: keepPreviousData,
    retry: false,
  });
  const { data, error } = query;
  return (
    <section className={classes.preview} aria-label="Preview">
      <div className={classes.title}>Preview</div>
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
