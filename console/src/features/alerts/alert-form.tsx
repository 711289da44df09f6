import { Autocomplete, Button, MultiSelect, NumberInput, Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { ApiError } from '../../api-client/http.ts';
import type { Alert } from '../../api-client/types.ts';
import { CHANNEL_CHOICES } from '../../components/channel-names.ts';
import { Panel } from '../../components/panel.tsx';
import { FieldErrors } from '../../components/states.tsx';
import { useServiceNames } from '../services/use-services.ts';
import { type AlertDraft, hasThreshold, missingThreshold, OPERATORS, type Operator } from './alert-draft.ts';
import classes from './alert-form.module.css';
import { AlertPreview } from './alert-preview.tsx';
import { EscalationSelect } from './escalation-select.tsx';
import { WatchFields } from './watch-fields.tsx';

interface AlertFormProps {
  initial: AlertDraft;
  submitLabel: string;
  pending: boolean;
  error: Error | null;
  /** Rules with a threshold for each severity keep them; they are not edited here. */
  hasSteps?: boolean;
  onSubmit: (draft: AlertDraft) => void;
  onCancel: () => void;
}

const POLICIES = [
  { value: 'keep_last', label: 'Keep state' },
  { value: 'fire', label: 'Fire' },
  { value: 'resolve', label: 'Resolve' },
];

/** Create or change an alert. The service checks the form; what it refuses is shown at its field. */
export function AlertForm({ initial, submitLabel, pending, error, hasSteps, onSubmit, onCancel }: AlertFormProps) {
  const [draft, setDraft] = useState(initial);
  const [submitted, setSubmitted] = useState(false);
  const incomplete = !hasSteps && missingThreshold(draft);
  const services = useServiceNames();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [error]);
  const set = (change: Partial<AlertDraft>) => setDraft((before) => ({ ...before, ...change }));
  const errors = fieldErrors(error);
  const field = (path: string) => errors.byPath[path];
  const conditional = draft.watch !== 'manual';

  return (
    <form
      ref={form}
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setSubmitted(true);
        if (!incomplete) onSubmit(draft);
      }}
    >
      <div className={classes.fields}>
        <Panel title="What it is">
          <div className={classes.group}>
            <TextInput
              label="Name"
              placeholder="High CPU usage"
              required
              value={draft.name}
              error={field('name')}
              onChange={(event) => set({ name: event.currentTarget.value })}
            />
            <div className={classes.row}>
              <Select
                label="Severity"
                data={['info', 'warning', 'error', 'critical']}
                allowDeselect={false}
                value={draft.severity}
                error={field('severity')}
                onChange={(severity) => set({ severity: severity as AlertDraft['severity'] })}
              />
              <Autocomplete
                size="xs"
                label="Service"
                placeholder="Any"
                data={services}
                value={draft.service}
                error={field('service')}
                onChange={(service) => set({ service })}
              />
            </div>
            <Textarea
              label="Description"
              placeholder="What it means, and what to do first"
              autosize
              minRows={2}
              value={draft.description}
              error={field('description')}
              onChange={(event) => set({ description: event.currentTarget.value })}
            />
          </div>
        </Panel>
        <Panel title="When it fires">
          <div className={classes.group}>
            <WatchFields draft={draft} set={set} field={field} />
            {hasThreshold(draft.watch) && !hasSteps ? (
              <div className={classes.row}>
                <Select
                  label="Condition"
                  data={OPERATORS}
                  allowDeselect={false}
                  value={draft.operator}
                  error={field('operator')}
                  onChange={(operator) => set({ operator: operator as Operator })}
                />
                <Decimal
                  label="Threshold"
                  value={draft.threshold}
                  error={submitted && incomplete ? 'Say from which value on' : field('threshold')}
                  onChange={(threshold) => set({ threshold })}
                />
                <Decimal
                  label="Ends only past"
                  placeholder="Same"
                  value={draft.recoveryThreshold}
                  error={field('recovery_threshold')}
                  onChange={(recoveryThreshold) => set({ recoveryThreshold })}
                />
              </div>
            ) : null}
            {conditional ? (
              <div className={classes.row}>
                <Duration
                  label="For at least"
                  value={draft.for}
                  error={field('for')}
                  onChange={(value) => set({ for: value })}
                />
                <Duration
                  label="Keep firing for"
                  value={draft.keepFiringFor}
                  error={field('keep_firing_for')}
                  onChange={(keepFiringFor) => set({ keepFiringFor })}
                />
                <Duration
                  label="Check every"
                  value={draft.interval}
                  error={field('interval')}
                  onChange={(interval) => set({ interval })}
                />
                {hasThreshold(draft.watch) ? (
                  <Select
                    label="Without data"
                    data={POLICIES}
                    allowDeselect={false}
                    value={draft.noData}
                    onChange={(noData) => set({ noData: noData as AlertDraft['noData'] })}
                  />
                ) : null}
                <Select
                  label="When it fails"
                  data={POLICIES}
                  allowDeselect={false}
                  value={draft.onError}
                  onChange={(onError) => set({ onError: onError as AlertDraft['onError'] })}
                />
              </div>
            ) : null}
          </div>
        </Panel>
        <Panel title="Who hears of it" note="nothing chosen: the default recipients">
          <div className={classes.group}>
            <div className={classes.row}>
              <TagsInput
                label="Users"
                placeholder="User ids"
                value={draft.users}
                error={field('notify.users')}
                onChange={(users) => set({ users })}
              />
              <TagsInput
                label="Groups"
                placeholder="Each member is told"
                value={draft.groups}
                error={field('notify.groups')}
                onChange={(groups) => set({ groups })}
              />
              <MultiSelect
                label="Channels"
                placeholder={draft.channels.length === 0 ? 'As each user prefers' : ''}
                data={CHANNEL_CHOICES}
                value={draft.channels}
                error={field('notify.channels')}
                onChange={(channels) => set({ channels })}
              />
              <EscalationSelect
                value={draft.escalationPolicy}
                error={field('notify.escalation_policy_id')}
                onChange={(escalationPolicy) => set({ escalationPolicy })}
              />
            </div>
            <TextInput
              label="Summary in messages"
              description="Liquid: {{ value }}, {{ labels.service }}, {{ threshold }}"
              placeholder="{{ labels.service }} uses {{ value }} % of its processor"
              value={draft.summary}
              error={field('annotations.summary')}
              onChange={(event) => set({ summary: event.currentTarget.value })}
            />
            <TextInput
              label="Runbook"
              type="url"
              placeholder="https://"
              value={draft.runbookUrl}
              error={field('annotations.runbook_url')}
              onChange={(event) => set({ runbookUrl: event.currentTarget.value })}
            />
          </div>
        </Panel>
        {error ? (
          <div className={classes.error} role="alert">
            <b>{error instanceof ApiError ? error.title : 'It could not be saved'}.</b> {error.message}
            {errors.others ? <FieldErrors error={error} /> : null}
          </div>
        ) : null}
        <div className={classes.buttons}>
          <Button type="submit" size="sm" loading={pending}>
            {submitLabel}
          </Button>
          <Button type="button" size="sm" variant="default" onClick={onCancel}>
            Cancel
          </Button>
        </div>
      </div>
      <AlertPreview draft={draft} />
    </form>
  );
}

interface TextFieldProps {
  label: string;
  value: string;
  error: string | undefined;
  placeholder?: string;
  onChange: (value: string) => void;
}

function Decimal({ label, value, error, placeholder, onChange }: TextFieldProps) {
  return (
    <NumberInput
      label={label}
      hideControls
      placeholder={placeholder ?? '90'}
      value={value === '' ? '' : Number(value)}
      error={error}
      onChange={(next) => onChange(String(next))}
    />
  );
}

function Duration({ label, value, error, onChange }: TextFieldProps) {
  return (
    <TextInput
      label={label}
      placeholder="5m"
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

const SHOWN_AT_FIELD = [
  'name',
  'severity',
  'service',
  'description',
  'metric',
  'query',
  'operator',
  'threshold',
  'recovery_threshold',
  'for',
  'keep_firing_for',
  'interval',
  'notify.users',
  'notify.groups',
  'notify.channels',
  'notify.escalation_policy_id',
  'absence',
  'absence.for',
  'red.figure',
  'red.operation',
  'red.service',
  'red.min_requests',
  'window',
  'group_by',
  'annotations.summary',
  'annotations.runbook_url',
];

function fieldErrors(error: Error | null): { byPath: Record<string, string | undefined>; others: boolean } {
  const fields = error instanceof ApiError ? error.fields : [];
  const byPath = Object.fromEntries(fields.map(({ path, message }) => [path, message]));
  return { byPath, others: fields.some(({ path }) => !SHOWN_AT_FIELD.includes(path)) };
}

/** Whether the form shows an alert with a threshold for each severity. */
export function hasSteps(alert: Alert): boolean {
  return alert.thresholds !== null;
}
