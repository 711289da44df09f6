import { type AlertForm, checkForm } from '../alerting/index.ts';
import { alertForm, toForm } from '../api/index.ts';
import { type Config, ConfigError } from '../config/index.ts';
import { toIssues } from '../http/index.ts';
import { ServiceError } from '../model/errors.ts';

/**
 * The alerts that the configuration lists, read as `POST /api/alerts` reads its body.
 *
 * @throws ConfigError naming every mistake.
 */
export function configuredAlertForms({ alerts }: Pick<Config, 'alerts'>, now: number): AlertForm[] {
  const problems: string[] = [];
  const forms = alerts.flatMap(({ name, body }) => {
    const complain = (issues: readonly { readonly path: string; readonly message: string }[]) => {
      problems.push(...issues.map(({ path, message }) => `alerts["${name}"].${path}: ${message}`));
      return [];
    };
    const parsed = alertForm.safeParse(body);
    if (!parsed.success) return complain(toIssues(parsed.error, Object.keys(alertForm.shape)));
    try {
      const form = toForm(parsed.data, now);
      checkForm(form);
      return [form];
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'invalid') return complain(error.issues);
      throw error;
    }
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return forms;
}
