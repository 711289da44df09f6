import { Button } from '@mantine/core';
import type { UseMutationResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiError } from '../api-client/http.ts';
import classes from './form.module.css';

interface SaveFormProps<Saved> {
  readonly save: UseMutationResult<Saved, Error, void>;
  readonly className?: string | undefined;
  /** On the button that sends it. */
  readonly submit?: string;
  readonly onCancel: () => void;
  /** The fields; each says itself what is wrong with it. */
  readonly children: ReactNode;
}

/** A form that sends with Enter or its button, and says at its end what went wrong where no field does. */
export function SaveForm<Saved>({ save, className, submit = 'Save', onCancel, children }: SaveFormProps<Saved>) {
  const { error } = save;
  const isElsewhere = error !== null && !(error instanceof ApiError && error.fields.length > 0);
  return (
    <form
      className={className ?? classes.form}
      noValidate
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      {children}
      {isElsewhere ? (
        <p className={classes.error} role="alert">
          {error.message}
        </p>
      ) : null}
      <div className={classes.buttons}>
        <Button type="submit" size="sm" loading={save.isPending}>
          {submit}
        </Button>
        <Button type="button" size="sm" variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
