export { configuredAlertForms } from './alert-forms.ts';
export { diagnose } from './doctor/diagnose.ts';
export { makeBackup } from './make-backup.ts';
export { restoreBackup } from './restore-backup.ts';
export { startService } from './start-service.ts';
