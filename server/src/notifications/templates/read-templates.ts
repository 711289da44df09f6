import type { ConfigMap } from '../../lib/config-map.ts';
import { CHANNEL_NAMES } from '../../model/notification-request.ts';
import { isOfType, VARIABLE_TYPES } from '../../model/variable-type.ts';
import { BUILT_IN } from './built-in.ts';
import { lintTemplate } from './lint.ts';
import type { Template, TemplateVariant } from './template.ts';
import { toIssue } from './template-book.ts';

/** As the API has it. */
const TEMPLATE_ID = /^[A-Za-z0-9][\w.-]{0,99}$/;

/** The list `templates` of the configuration file; mistakes in texts are mistakes of the configuration. */
export function readTemplates(file: ConfigMap): Template[] {
  const ids = new Set(BUILT_IN.map((template) => template.id));
  return (file.maps('templates') ?? []).flatMap((map) => {
    const template = readTemplate(map);
    if (!template) return [];
    if (ids.has(template.id)) map.fail('id', `"${template.id}" is there already`);
    ids.add(template.id);
    for (const finding of lintTemplate(template)) {
      const { path, message } = toIssue(finding);
      if (finding.level === 'error') map.fail(path, message);
    }
    return [template];
  });
}

function readTemplate(map: ConfigMap): Template | undefined {
  const id = map.text('id') ?? map.fail('id', 'name the template');
  const subject = map.text('subject') ?? map.fail('subject', 'is missing');
  const message = map.text('message') ?? map.fail('message', 'is missing');
  if (id !== undefined && !TEMPLATE_ID.test(id)) map.fail('id', 'use letters, digits and . _ -');
  const description = map.text('description');
  const variants = map.maps('variants')?.map(readVariant);
  const variables = map.map('variables');
  const template = {
    ...(description !== undefined && { description }),
    types: map.texts('types') ?? [],
    ...readTexts(map),
    ...(variants && { variants }),
    ...(variables && { variables: readVariables(variables) }),
    ...(map.flag('good') && { good: true }),
  };
  map.refuseOthers();
  if (id === undefined || subject === undefined || message === undefined) return undefined;
  return { id, ...template, subject, message };
}

function readVariant(map: ConfigMap): TemplateVariant {
  const channel = map.oneOf('channel', CHANNEL_NAMES);
  const locale = map.text('locale');
  const subject = map.text('subject');
  const message = map.text('message');
  if (!channel && !locale) map.fail('channel', 'say for which channel or locale');
  const variant = {
    ...(channel && { channel }),
    ...(locale !== undefined && { locale }),
    ...(subject !== undefined && { subject }),
    ...(message !== undefined && { message }),
    ...readTexts(map),
  };
  map.refuseOthers();
  return variant;
}

function readTexts(map: ConfigMap) {
  const mailSubject = map.text('mail_subject');
  const shortText = map.text('short_text');
  return { ...(mailSubject !== undefined && { mailSubject }), ...(shortText !== undefined && { shortText }) };
}

function readVariables(map: ConfigMap): NonNullable<Template['variables']> {
  const entries = map.keys().map((name) => {
    const variable = map.map(name);
    const description = variable?.text('description');
    const example = variable?.raw('example');
    const type = variable?.oneOf('type', VARIABLE_TYPES);
    const required = variable?.flag('required') ?? false;
    if (type && example !== undefined && !isOfType(example, type)) variable?.fail('example', `is no ${type}`);
    variable?.refuseOthers();
    return [
      name,
      {
        ...(description !== undefined && { description }),
        ...(type && { type }),
        required,
        ...(example !== undefined && { example }),
      },
    ];
  });
  return Object.fromEntries(entries);
}
