import { Modal } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { Fragment, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import classes from './palette.module.css';
import { findPlaces, offersFor, type PaletteEntry } from './palette-places.ts';
import { useFound } from './use-found.ts';

const PAUSE_MS = 120;

/** Goes anywhere by a few letters of its name: pages, services, alerts, incidents, metrics, a trace id. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text.trim(), PAUSE_MS);
  const [active, setActive] = useState(0);
  const navigate = useNavigate();
  const found = useFound(asked);
  const entries = [...findPlaces(text), ...found, ...offersFor(text)];
  const chosen = Math.min(active, entries.length - 1);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs where another entry is chosen
  useEffect(() => {
    // Not handed on: in newer browsers it gives a promise, which React would take for something to clean up.
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const open = ({ to, params, search }: PaletteEntry) => {
    onClose();
    void navigate({ to, params: params ?? {}, search: search ?? {} } as never);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const next = Math.abs(step) === 1 ? (chosen + step + entries.length) % entries.length : chosen + step;
      setActive(Math.max(0, Math.min(entries.length - 1, next)));
    } else if (event.key === 'Enter' && entries[chosen]) {
      event.preventDefault();
      open(entries[chosen]);
    }
  };
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      size="lg"
      padding={0}
      yOffset="12dvh"
      title="Go to"
      classNames={{ content: classes.content!, header: 'visually-hidden' }}
      transitionProps={{ duration: 80 }}
    >
      <div className={classes.field}>
        <IconSearch size={17} stroke={1.7} aria-hidden="true" />
        <input
          data-autofocus
          role="combobox"
          aria-label="Go to"
          aria-expanded="true"
          aria-controls={id}
          aria-autocomplete="list"
          aria-activedescendant={entries.length > 0 ? `${id}-${chosen}` : undefined}
          placeholder="A page, service, alert, metric, trace id …"
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div ref={list} id={id} role="listbox" aria-label="Found" className={classes.list}>
        {entries.map((entry, index) => (
          <Fragment key={`${entry.group} ${entry.label} ${entry.params?.alertId ?? entry.params?.incidentId ?? ''}`}>
            {entry.group === entries[index - 1]?.group ? null : (
              <div role="presentation" className={classes.group}>
                {entry.group}
              </div>
            )}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field */}
            <div
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === chosen}
              tabIndex={-1}
              className={classes.entry}
              onPointerMove={() => setActive(index)}
              onClick={() => open(entry)}
            >
              <span className="truncate">{entry.label}</span>
              {entry.detail ? <small>{entry.detail}</small> : null}
            </div>
          </Fragment>
        ))}
      </div>
      <div className={classes.keys} aria-hidden="true">
        <span>
          <kbd>↑</kbd> <kbd>↓</kbd> choose
        </span>
        <span>
          <kbd>Enter</kbd> open
        </span>
        <span>
          <kbd>/</kbd> search on this page
        </span>
        <span>
          <kbd>Esc</kbd> close
        </span>
      </div>
    </Modal>
  );
}
