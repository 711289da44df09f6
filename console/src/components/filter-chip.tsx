import { IconX } from '@tabler/icons-react';
import classes from './filter-chip.module.css';

/** A condition that is in force; pressing it removes it. */
export function FilterChip({ name, value, onRemove }: { name: string; value: string; onRemove: () => void }) {
  return (
    <button type="button" className={classes.chip} onClick={onRemove} aria-label={`Remove filter ${name} ${value}`}>
      <span className="muted">{name}</span> {value}
      <IconX size={12} aria-hidden="true" />
    </button>
  );
}
