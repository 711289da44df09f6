import { type Route, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import { CHANNEL_NAMES, type ChannelName } from '../../model/notification-request.ts';
import {
  lintTemplate,
  type Notifications,
  type Preview,
  pickVariant,
  type Template,
  type TemplateEntry,
} from '../../notifications/index.ts';
import {
  draftPreviewBody,
  previewBody,
  type TemplateBody,
  type TemplatePreview,
  type TemplateView,
  template,
  templateBody,
  templateCopy,
  templateList,
  templateParams,
  templatePreview,
  templatePut,
  templateRestore,
  templateVersions,
} from '../contract/templates.ts';

const tag = 'notifications';
const PATH = '/api/notifications/templates';

/** Templates of messages: what there is, own ones, their versions, and what they would look like. */
export function templateRoutes({ templates }: Notifications): Route[] {
  return [
    route({
      method: 'GET',
      path: PATH,
      tag,
      summary: 'Templates: predefined, of the configuration, and own ones',
      scope: 'read',
      success: { status: 200, schema: templateList },
      handle: () => ({ items: templates.list().map(show), next_cursor: null }),
    }),
    route({
      method: 'POST',
      path: PATH,
      tag,
      summary: 'Save a template',
      description: 'Liquid, checked at once: mistakes are told with line and column.',
      scope: 'write',
      body: templateBody,
      success: { status: 201, schema: template },
      handle: async ({ body, principal, reply }) => {
        const created = await templates.create(toTemplate(body), principal.name);
        reply.header('location', `${PATH}/${body.id}`);
        return show(created);
      },
    }),
    route({
      method: 'GET',
      path: `${PATH}/{id}`,
      tag,
      summary: 'One template',
      scope: 'read',
      params: templateParams,
      success: { status: 200, schema: template },
      handle: ({ params }) => show(templates.get(params.id)),
    }),
    route({
      method: 'PUT',
      path: `${PATH}/{id}`,
      tag,
      summary: 'Replace an own template; the version before is kept',
      scope: 'write',
      params: templateParams,
      body: templatePut,
      success: { status: 200, schema: template },
      handle: async ({ params, body: { version, ...body }, principal }) =>
        show(await templates.update(toTemplate({ ...body, id: params.id }), version, principal.name)),
    }),
    route({
      method: 'DELETE',
      path: `${PATH}/{id}`,
      tag,
      summary: 'Delete an own template; its versions can be restored',
      scope: 'write',
      params: templateParams,
      success: { status: 204 },
      handle: ({ params, principal }) => templates.delete(params.id, principal.name),
    }),
    ...versionRoutes({ templates }),
    ...previewRoutes({ templates }),
  ];
}

type Book = Pick<Notifications, 'templates'>;

function versionRoutes({ templates }: Book): Route[] {
  return [
    route({
      method: 'GET',
      path: `${PATH}/{id}/versions`,
      tag,
      summary: 'The versions of a template, newest first',
      scope: 'read',
      params: templateParams,
      success: { status: 200, schema: templateVersions },
      handle: async ({ params }) => {
        const items = (await templates.versions(params.id)).map(({ version, savedAt, savedBy, template: of }) => ({
          version,
          saved_at: formatInstant(savedAt),
          saved_by: savedBy,
          deleted: of === null,
          subject: of?.subject ?? null,
          message: of?.message ?? null,
        }));
        return { items, next_cursor: null };
      },
    }),
    route({
      method: 'POST',
      path: `${PATH}/{id}/restore`,
      tag,
      summary: 'Make an earlier version the newest one',
      scope: 'write',
      params: templateParams,
      body: templateRestore,
      success: { status: 200, schema: template },
      handle: async ({ params, body, principal }) =>
        show(await templates.restore(params.id, body.version, principal.name)),
    }),
    route({
      method: 'POST',
      path: `${PATH}/{id}/copy`,
      tag,
      summary: 'Copy a template, also a predefined one, under an id of your own',
      scope: 'write',
      params: templateParams,
      body: templateCopy,
      success: { status: 201, schema: template },
      handle: async ({ params, body, principal, reply }) => {
        const source = templates.get(params.id).template;
        const created = await templates.create({ ...source, id: body.id }, principal.name);
        reply.header('location', `${PATH}/${body.id}`);
        return show(created);
      },
    }),
  ];
}

function previewRoutes({ templates }: Book): Route[] {
  return [
    route({
      method: 'POST',
      path: `${PATH}/preview`,
      tag,
      summary: 'What a template would look like that is not saved',
      scope: 'read',
      body: draftPreviewBody,
      success: { status: 200, schema: templatePreview },
      handle: async ({ body }) => {
        const preview = await templates.preview({ template: toTemplate(body.template), data: body.data });
        return showPreview(preview, body.channel, body.locale);
      },
    }),
    route({
      method: 'POST',
      path: `${PATH}/{id}/preview`,
      tag,
      summary: 'What a template looks like with given data, or with the last real ones',
      scope: 'read',
      params: templateParams,
      body: previewBody,
      success: { status: 200, schema: templatePreview },
      handle: async ({ params, body }) => {
        const preview = await templates.preview({ template: templates.get(params.id).template, data: body.data });
        return showPreview(preview, body.channel, body.locale);
      },
    }),
  ];
}

function toTemplate({ mail_subject, short_text, lists_labels, variants, ...rest }: TemplateBody): Template {
  const renamed = variants?.map(({ mail_subject: mailSubject, short_text: shortText, ...variant }) => ({
    ...variant,
    mailSubject,
    shortText,
  }));
  const whole = {
    ...rest,
    mailSubject: mail_subject,
    shortText: short_text,
    listsLabels: lists_labels,
    variants: renamed,
  };
  // What is left out stays left out, as in the store.
  return JSON.parse(JSON.stringify(whole)) as Template;
}

function show({ template: of, origin, version, savedAt, savedBy, drift }: TemplateEntry): TemplateView {
  const { mailSubject, shortText, variants, listsLabels, ...rest } = of;
  const whole = {
    ...rest,
    mail_subject: mailSubject,
    short_text: shortText,
    lists_labels: listsLabels,
    variants: variants?.map(({ mailSubject: ofMail, shortText: short, ...variant }) => ({
      ...variant,
      mail_subject: ofMail,
      short_text: short,
    })),
    origin,
    version,
    saved_at: savedAt === null ? null : formatInstant(savedAt),
    saved_by: savedBy,
    drift,
    lint: lintTemplate(of),
  };
  return JSON.parse(JSON.stringify(whole)) as TemplateView;
}

function showPreview(
  { rendered, sample, sampledFrom, lint }: Preview,
  channel: ChannelName | undefined,
  locale: string | undefined,
): TemplatePreview {
  const { content, error } = rendered;
  const words = pickVariant(content.variants ?? [], channel ?? CHANNEL_NAMES[0], locale ?? null) ?? content;
  return {
    subject: words.subject,
    message: words.message,
    mail_subject: words.mailSubject,
    short_text: words.shortText,
    facts: [...content.facts],
    links: [...content.links],
    sample,
    sampled_from: sampledFrom,
    error: error ?? null,
    lint: [...lint],
  };
}
