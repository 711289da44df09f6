import { ActionIcon, Tooltip } from '@mantine/core';
import { IconFilterPlus } from '@tabler/icons-react';
import classes from './attribute-table.module.css';

interface AttributeTableProps {
  title: string;
  values: Readonly<Record<string, unknown>>;
  /** Narrow the page to this value. */
  onFilter?: ((key: string, value: string) => void) | undefined;
}

/** Keys and values of a record, by key. */
export function AttributeTable({ title, values, onFilter }: AttributeTableProps) {
  const entries = Object.entries(values).sort(([a], [b]) => a.localeCompare(b));
  if (entries.length === 0) return null;
  return (
    <table className={classes.table}>
      <caption>{title}</caption>
      <tbody>
        {entries.map(([key, value]) => (
          <tr key={key}>
            <th scope="row">{key}</th>
            <td>{showValue(value)}</td>
            {onFilter ? (
              <td className={classes.action}>
                <Tooltip label="Only with this value">
                  <ActionIcon
                    size="sm"
                    aria-label={`Only with this ${key}`}
                    onClick={() => onFilter(key, showValue(value))}
                  >
                    <IconFilterPlus size={14} stroke={1.7} />
                  </ActionIcon>
                </Tooltip>
              </td>
            ) : null}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function showValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
