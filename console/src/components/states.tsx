import { Button, Skeleton } from '@mantine/core';
import { IconCloudOff, type TablerIcon } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiError } from '../api-client/http.ts';
import { Snippet } from './snippet.tsx';
import classes from './states.module.css';

interface EmptyStateProps {
  icon: TablerIcon;
  title: string;
  /** What to do next. */
  children?: ReactNode;
  action?: ReactNode;
  /** A command that brings what is missing. */
  snippet?: { title: string; code: string };
}

export function EmptyState({ icon: Icon, title, children, action, snippet }: EmptyStateProps) {
  return (
    <div className={classes.state}>
      <Icon size={28} stroke={1.4} aria-hidden="true" className={classes.icon} />
      <div className={classes.title}>{title}</div>
      {children ? <div className={classes.text}>{children}</div> : null}
      {action ? <div className={classes.action}>{action}</div> : null}
      {snippet ? (
        <div className={classes.snippet}>
          <Snippet {...snippet} />
        </div>
      ) : null}
    </div>
  );
}

export function ErrorState({ error, onRetry }: { error: Error; onRetry?: (() => void) | undefined }) {
  const problem = error instanceof ApiError ? error : undefined;
  return (
    <div className={classes.state} role="alert">
      <IconCloudOff size={28} stroke={1.4} aria-hidden="true" className={classes.errorIcon} />
      <div className={classes.title}>{problem?.title ?? 'Something went wrong'}</div>
      <div className={classes.text}>{error.message}</div>
      <FieldErrors error={error} />
      {onRetry && !problem?.isFinal ? (
        <div className={classes.action}>
          <Button variant="default" onClick={onRetry}>
            Try again
          </Button>
        </div>
      ) : null}
    </div>
  );
}

/** What a problem says about single fields, and what was meant instead. */
export function FieldErrors({ error }: { error: Error | null }) {
  if (!(error instanceof ApiError)) return null;
  const fields = error.fields.filter(({ message }) => !error.message.includes(message));
  if (fields.length + error.suggestions.length === 0) return null;
  return (
    <ul className={classes.fields}>
      {fields.map((field) => (
        <li key={`${field.path} ${field.message}`}>
          {field.path ? <code>{field.path}</code> : null} {field.message}
        </li>
      ))}
      {error.suggestions.length > 0 ? <li>Did you mean {error.suggestions.join(', ')}?</li> : null}
    </ul>
  );
}

interface LoadedProps<Value> {
  query: UseQueryResult<Value>;
  /** Height of the placeholder while loading. */
  rows?: number;
  isEmpty?: (value: Value) => boolean;
  empty?: ReactNode;
  children: (value: Value) => ReactNode;
}

/** The four states of anything that is fetched: loading, failed, empty, there. */
export function Loaded<Value>({ query, rows = 4, isEmpty, empty, children }: LoadedProps<Value>) {
  if (query.data !== undefined) {
    if (isEmpty?.(query.data)) return empty;
    return children(query.data);
  }
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <LoadingRows rows={rows} />;
}

const WIDTHS = ['92%', '76%', '84%', '68%', '88%', '72%'];

export function LoadingRows({ rows = 4 }: { rows?: number }) {
  return (
    <div className={classes.loading} aria-busy="true">
      <span className="visually-hidden">Loading</span>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <Skeleton key={index} height={12} width={WIDTHS[index % WIDTHS.length]!} />
      ))}
    </div>
  );
}
