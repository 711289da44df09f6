import { Button, NumberInput, Select, TagsInput, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { faultOf, post, put } from '../../api-client/http.ts';
import type { EscalationPolicy, OnCallSchedule, Page, RoutingView } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import form from '../../components/form.module.css';
import { Panel } from '../../components/panel.tsx';
import { SaveForm } from '../../components/save-form.tsx';
import { FieldErrors } from '../../components/states.tsx';
import { useToast } from '../../components/toasts.tsx';
import { HoursFields } from './hours-fields.tsx';
import { readTarget, writeTarget } from './targets.ts';

type Step = EscalationPolicy['steps'][number];
type Count = Step['conditions']['count'];

/** A step while it is written. */
interface Draft {
  readonly key: number;
  readonly step: Step;
  readonly targets: string[];
}

const NEW_STEP: Step = {
  delay: '5m',
  targets: [],
  urgency: null,
  conditions: { time_zone: 'UTC', hours: [], min_severity: null, count: null },
};
const SEVERITIES = ['info', 'warning', 'error', 'critical'];
let nextKey = 0;

function draftOf(step: Step): Draft {
  return { key: nextKey++, step, targets: step.targets.map(writeTarget) };
}

/** Who is told in which order. What is wrong is said at the field, what may go wrong after saving. */
export function PolicyForm({ policy, onDone }: { policy: EscalationPolicy | undefined; onDone: () => void }) {
  const [name, setName] = useState(policy?.name ?? '');
  const [description, setDescription] = useState(policy?.description ?? '');
  const [drafts, setDrafts] = useState(() => (policy?.steps ?? [NEW_STEP]).map(draftOf));
  const [repeat, setRepeat] = useState(policy?.repeat ?? 0);
  const [fallback, setFallback] = useState(() => (policy?.fallback ?? []).map(writeTarget));
  const [ackTimeout, setAckTimeout] = useState(policy ? (policy.ack_timeout ?? '') : '4h');
  const suggestions = useTargets();
  const client = useQueryClient();
  const toast = useToast();
  const save = useMutation({
    mutationFn: () => {
      const body = {
        name,
        description,
        steps: drafts.map(({ step, targets }) => ({ ...step, targets: targets.map(readTarget) })),
        repeat,
        fallback: fallback.map(readTarget),
        ack_timeout: ackTimeout.trim() === '' ? null : ackTimeout.trim(),
      };
      const path = 'api/escalation-policies';
      return policy ? put<EscalationPolicy>(`${path}/${policy.id}`, body) : post<EscalationPolicy>(path, body);
    },
    onSuccess: ({ name: saved, lint = [] }) => {
      const errors = lint.filter(({ level }) => level === 'error').length;
      const text =
        errors > 0 ? `${saved}: ${errors} ${errors === 1 ? 'target reaches' : 'targets reach'} nobody` : saved;
      toast({ title: 'Escalation policy saved', text, tone: errors > 0 ? 'warning' : 'ok' });
      onDone();
    },
    onSettled: () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'api/health' }),
  });
  const change = (key: number, changes: Partial<Draft>) =>
    setDrafts(drafts.map((draft) => (draft.key === key ? { ...draft, ...changes } : draft)));
  return (
    <Panel title={policy ? `Change ${policy.name}` : 'New escalation policy'}>
      <SaveForm save={save} onCancel={onDone}>
        <TextInput
          label="Name"
          required
          value={name}
          error={faultOf(save.error, 'name')}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Textarea
          label="Description"
          autosize
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        {drafts.map((draft, index) => (
          <StepFields
            key={draft.key}
            draft={draft}
            number={index + 1}
            error={save.error}
            suggestions={suggestions}
            onChange={(changes) => change(draft.key, changes)}
            onRemove={drafts.length > 1 ? () => setDrafts(drafts.filter(({ key }) => key !== draft.key)) : undefined}
          />
        ))}
        <div>
          <Button
            type="button"
            size="xs"
            variant="default"
            leftSection={<IconPlus size={13} aria-hidden="true" />}
            onClick={() => setDrafts([...drafts, draftOf(NEW_STEP)])}
          >
            Add a step
          </Button>
        </div>
        <div className={form.row}>
          <NumberInput
            label="Begin anew"
            description="Times, when nobody has answered"
            min={0}
            max={5}
            value={repeat}
            error={faultOf(save.error, 'repeat')}
            onChange={(value) => setRepeat(Number(value))}
          />
          <TextInput
            label="Acknowledgement holds"
            description="Of critical alerts; empty: until the end"
            value={ackTimeout}
            error={faultOf(save.error, 'ack_timeout')}
            onChange={(event) => setAckTimeout(event.currentTarget.value)}
          />
        </div>
        <TagsInput
          label="Fallback"
          description="Told where a step reaches nobody"
          data={suggestions}
          value={fallback}
          onChange={setFallback}
        />
        <FieldErrors error={save.error} />
      </SaveForm>
    </Panel>
  );
}

interface StepFieldsProps {
  draft: Draft;
  number: number;
  error: Error | null;
  suggestions: string[];
  onChange: (changes: Partial<Draft>) => void;
  onRemove: (() => void) | undefined;
}

function StepFields({ draft, number, error, suggestions, onChange, onRemove }: StepFieldsProps) {
  const { step, targets } = draft;
  const { conditions } = step;
  const path = `steps[${number - 1}]`;
  const set = (changes: Partial<Step>) => onChange({ step: { ...step, ...changes } });
  const setCount = (changes: Partial<NonNullable<Count>> | null) => {
    const count = changes === null ? null : { at_least: 3, within: '1h', ...conditions.count, ...changes };
    set({ conditions: { ...conditions, count } });
  };
  return (
    <fieldset className={form.fieldset}>
      <legend>Step {number}</legend>
      <TagsInput
        label={`Tell in step ${number}`}
        description="anna, schedule:web, receiver:ops, slack, email:ops@example.org"
        data={suggestions}
        value={targets}
        error={faultOf(error, `${path}.targets`) ?? faultOf(error, `${path}.targets[0]`)}
        onChange={(value) => onChange({ targets: value })}
      />
      <div className={form.row}>
        <TextInput
          label="Then wait"
          value={step.delay}
          error={faultOf(error, `${path}.delay`)}
          onChange={(event) => set({ delay: event.currentTarget.value })}
        />
        <Select
          label="Urgency"
          data={[
            { value: '', label: 'By the severity' },
            { value: 'high', label: 'High' },
            { value: 'low', label: 'Low' },
          ]}
          allowDeselect={false}
          value={step.urgency ?? ''}
          onChange={(value) => set({ urgency: value === 'high' || value === 'low' ? value : null })}
        />
        <Select
          label="From severity"
          data={[{ value: '', label: 'Any' }, ...SEVERITIES]}
          allowDeselect={false}
          value={conditions.min_severity ?? ''}
          onChange={(value) =>
            set({
              conditions: { ...conditions, min_severity: (value || null) as Step['conditions']['min_severity'] },
            })
          }
        />
      </div>
      <HoursFields
        number={number}
        conditions={conditions}
        error={error}
        onChange={(changes) => set({ conditions: { ...conditions, ...changes } })}
      />
      <div className={form.row}>
        <NumberInput
          label="Only after firing"
          description="Times; empty: at once"
          min={1}
          max={10_000}
          value={conditions.count?.at_least ?? ''}
          error={faultOf(error, `${path}.conditions.count.at_least`)}
          onChange={(value) => setCount(value === '' ? null : { at_least: Number(value) })}
        />
        <TextInput
          label="Within"
          description="Such as 1h"
          disabled={conditions.count === null}
          value={conditions.count?.within ?? ''}
          error={faultOf(error, `${path}.conditions.count.within`)}
          onChange={(event) => setCount({ within: event.currentTarget.value })}
        />
      </div>
      {onRemove ? (
        <Button
          type="button"
          mt={10}
          size="compact-xs"
          variant="default"
          leftSection={<IconTrash size={12} aria-hidden="true" />}
          onClick={onRemove}
        >
          Remove step {number}
        </Button>
      ) : null}
    </fieldset>
  );
}

/** What there is to be told: schedules, receivers. */
function useTargets(): string[] {
  const schedules = useLiveQuery<Page<OnCallSchedule>>('api/on-call/schedules', { limit: 100 });
  const routing = useLiveQuery<RoutingView>('api/alerts/routes');
  return [
    ...(schedules.data?.items ?? []).map(({ name }) => `schedule:${name}`),
    ...(routing.data?.receivers ?? []).map(({ name }) => `receiver:${name}`),
  ];
}
