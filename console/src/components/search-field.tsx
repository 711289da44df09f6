import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import classes from './search-field.module.css';

interface SearchFieldProps {
  label: string;
  placeholder: string;
  value: string;
  /** Called a moment after the last key, and at once on Enter. */
  onSearch: (text: string) => void;
  right?: ReactNode;
  error?: ReactNode;
  mono?: boolean;
}

const PAUSE_MS = 350;

/** A search box that waits until the reader stops typing. */
export function SearchField({ label, placeholder, value, onSearch, right, error, mono }: SearchFieldProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onSearch(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, value, onSearch]);
  return (
    <search className={classes.form}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSearch(text);
        }}
      >
        <TextInput
          type="search"
          aria-label={label}
          placeholder={placeholder}
          size="sm"
          leftSection={<IconSearch size={16} stroke={1.7} aria-hidden="true" />}
          rightSection={right}
          value={text}
          error={error}
          spellCheck={false}
          classNames={mono ? { input: 'mono' } : {}}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </form>
    </search>
  );
}
