import { Button } from '@mantine/core';
import classes from './form.module.css';

interface FormEndProps {
  /** What went wrong, where no field says it. */
  error: string | undefined;
  isSaving: boolean;
  /** Of the button that sends it. */
  submit?: string;
  onCancel: () => void;
}

/** What a form ends with. */
export function FormEnd({ error, isSaving, submit = 'Save', onCancel }: FormEndProps) {
  return (
    <>
      {error === undefined ? null : (
        <p className={classes.error} role="alert">
          {error}
        </p>
      )}
      <div className={classes.buttons}>
        <Button type="submit" size="sm" loading={isSaving}>
          {submit}
        </Button>
        <Button type="button" size="sm" variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </>
  );
}
