import { Button, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { faultOf, post, put, remove } from '../../api-client/http.ts';
import type { TemplateView } from '../../api-client/types.ts';
import { Panel } from '../../components/panel.tsx';
import { FieldErrors } from '../../components/states.tsx';
import { useToast } from '../../components/toasts.tsx';
import classes from './template-editor.module.css';
import { TemplatePreview } from './template-preview.tsx';
import { TemplateVariants } from './template-variants.tsx';
import { TemplateVersions } from './template-versions.tsx';

interface TemplateEditorProps {
  /** Left out: a new one. */
  template: TemplateView | undefined;
  onDone: (id: string | undefined) => void;
  onClose: () => void;
}

/** What the editor does not show stays as it is. */
const NOT_SENT = ['origin', 'version', 'saved_at', 'saved_by', 'drift', 'lint'];

/** Writes a template; shows beside it what a message would look like, and what is wrong with it. */
export function TemplateEditor({ template, onDone, onClose }: TemplateEditorProps) {
  const isOwn = template === undefined || template.origin === 'api';
  const [id, setId] = useState(isOwn ? (template?.id ?? '') : `${template.id}.own`);
  const [types, setTypes] = useState(template?.types.join(', ') ?? '');
  const [subject, setSubject] = useState(template?.subject ?? '');
  const [message, setMessage] = useState(template?.message ?? '');
  const [variants, setVariants] = useState(template?.variants ?? []);
  const client = useQueryClient();
  const toast = useToast();
  const rest = Object.fromEntries(Object.entries(template ?? {}).filter(([name]) => !NOT_SENT.includes(name)));
  const draft = { ...rest, id, types: wordsOf(types), subject, message, variants };
  const renew = () =>
    client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === 'api/notifications/templates' });
  const isNew = template === undefined || !isOwn;
  const save = useMutation({
    mutationFn: () => {
      if (isNew) return post<TemplateView>('api/notifications/templates', draft);
      const { id: _id, ...body } = draft;
      return put<TemplateView>(`api/notifications/templates/${id}`, { ...body, version: template.version });
    },
    onSuccess: async (saved) => {
      toast({ title: 'Saved', text: `${saved.id}, version ${saved.version}`, tone: 'ok' });
      await renew();
      onDone(saved.id);
    },
  });
  const drop = useMutation({
    mutationFn: () => remove(`api/notifications/templates/${id}`),
    onSuccess: async () => {
      await renew();
      onDone(undefined);
    },
  });
  return (
    <Panel title={isOwn ? (template?.id ?? 'New template') : `Copy of ${template.id}`}>
      <div className={classes.columns}>
        <form
          className={classes.form}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            save.mutate();
          }}
        >
          {isOwn ? null : (
            <p className="muted">It cannot be changed itself; saving makes a copy that goes before it.</p>
          )}
          <TextInput
            label="Id"
            required
            disabled={!isNew}
            value={id}
            error={faultOf(save.error, 'id')}
            onChange={(event) => setId(event.currentTarget.value)}
          />
          <TextInput
            label="For types of notifications"
            description="With commas between them; empty: only where it is named"
            value={types}
            onChange={(event) => setTypes(event.currentTarget.value)}
          />
          <TextInput
            label="Subject"
            required
            value={subject}
            error={faultOf(save.error, 'subject')}
            onChange={(event) => setSubject(event.currentTarget.value)}
          />
          <Textarea
            label="Message"
            description="Liquid: {{ variable }}, {% if variable %} ... {% endif %}"
            required
            autosize
            minRows={6}
            maxRows={20}
            value={message}
            error={faultOf(save.error, 'message')}
            onChange={(event) => setMessage(event.currentTarget.value)}
          />
          <TemplateVariants variants={variants} onChange={setVariants} error={save.error} />
          {save.error ? (
            <div className={classes.error} role="alert">
              {save.error.message}
              <FieldErrors error={save.error} />
            </div>
          ) : null}
          <div className={classes.buttons}>
            <Button type="submit" size="sm" loading={save.isPending}>
              {isNew ? 'Save' : 'Save new version'}
            </Button>
            <Button type="button" size="sm" variant="default" onClick={onClose}>
              Close
            </Button>
            {isNew ? null : (
              <Button type="button" size="sm" variant="default" loading={drop.isPending} onClick={() => drop.mutate()}>
                Delete
              </Button>
            )}
          </div>
        </form>
        <div className={classes.form}>
          <TemplatePreview draft={draft} />
          {isNew ? null : <TemplateVersions template={template} onRestored={renew} />}
        </div>
      </div>
    </Panel>
  );
}

function wordsOf(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
