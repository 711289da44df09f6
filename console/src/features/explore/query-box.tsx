import { Combobox, Textarea, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { get } from '../../api-client/http.ts';
import type { MetricsAnswer } from '../../api-client/types.ts';
import { type Completion, complete, completionAt } from './completion.ts';

interface QueryBoxProps {
  value: string;
  onChange: (query: string) => void;
  onRun: (query: string) => void;
}

const MOST = 12;
const PAUSE_MS = 150;

/** Where PromQL is written: proposes metrics, their labels and values. Enter runs it, Shift+Enter is a new line. */
export function QueryBox({ value, onChange, onRun }: QueryBoxProps) {
  const box = useRef<HTMLTextAreaElement>(null);
  const [completion, setCompletion] = useState<Completion>();
  const proposals = useProposals(completion);
  const list = useCombobox({ onDropdownClose: () => list.resetSelectedOption() });
  const isOpen = list.dropdownOpened && completion !== undefined && proposals.length > 0;
  const read = (text: string, caret: number) => {
    setCompletion(completionAt(text, caret));
    list.resetSelectedOption();
    list.openDropdown();
  };
  const choose = (chosen: string) => {
    if (!completion) return;
    const done = complete(value, completion, chosen);
    onChange(done.text);
    // The caret can be set once the new text is there.
    requestAnimationFrame(() => box.current?.setSelectionRange(done.caret, done.caret));
    if (completion.kind === 'label') read(done.text, done.caret);
    else list.closeDropdown();
  };
  return (
    <Combobox store={{ ...list, dropdownOpened: isOpen }} onOptionSubmit={choose} position="bottom-start" offset={4}>
      <Combobox.EventsTarget withAriaAttributes={false}>
        <Textarea
          ref={box}
          aria-label="PromQL query"
          autosize
          minRows={1}
          size="sm"
          spellCheck={false}
          classNames={{ input: 'mono' }}
          value={value}
          onChange={({ currentTarget }) => {
            onChange(currentTarget.value);
            read(currentTarget.value, currentTarget.selectionStart);
          }}
          onBlur={() => list.closeDropdown()}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || (isOpen && list.getSelectedOptionIndex() >= 0)) return;
            event.preventDefault();
            list.closeDropdown();
            onRun(value.trim());
          }}
        />
      </Combobox.EventsTarget>
      <Combobox.DropdownTarget>
        <span style={{ position: 'absolute', bottom: 0, left: 0 }} />
      </Combobox.DropdownTarget>
      <Combobox.Dropdown miw={320}>
        <Combobox.Options aria-label="Proposals" className="mono">
          {proposals.map((proposal) => (
            <Combobox.Option key={proposal} value={proposal}>
              {proposal}
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

interface Names {
  data: string[];
}

/** Metrics are searched by the service, labels and values here. */
function useProposals(completion: Completion | undefined): string[] {
  const [asked] = useDebouncedValue(completion, PAUSE_MS);
  const about = asked && { kind: asked.kind, metric: asked.metric, label: asked.label };
  const search = asked?.kind === 'metric' ? asked.word : '';
  const { data } = useQuery({
    queryKey: ['proposals', about, search],
    queryFn: ({ signal }) => fetchNames(asked!, signal),
    enabled: asked !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });
  if (!completion || completion.kind !== asked?.kind) return [];
  const word = completion.word.toLowerCase();
  return (data ?? []).filter((name) => name !== completion.word && name.toLowerCase().includes(word)).slice(0, MOST);
}

async function fetchNames({ kind, metric, label, word }: Completion, signal: AbortSignal): Promise<string[]> {
  if (kind === 'metric') {
    const { items } = await get<MetricsAnswer>('api/monitoring/metrics', { search: word, limit: 50 }, signal);
    return items.map(({ name }) => name);
  }
  const path = kind === 'label' ? 'api/v1/labels' : `api/v1/label/${encodeURIComponent(label ?? '')}/values`;
  const { data } = await get<Names>(path, metric ? { 'match[]': metric } : {}, signal);
  return data.filter((name) => name !== '__name__');
}
