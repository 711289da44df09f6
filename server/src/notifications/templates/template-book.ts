import { isDeepStrictEqual } from 'node:util';
import { closeNames } from '../../lib/close-names.ts';
import type { Clock } from '../../model/clock.ts';
import { type Issue, invalid, notFound, ServiceError } from '../../model/errors.ts';
import { isOfType } from '../../model/variable-type.ts';
import {
  type ControlStore,
  insertTemplateVersion,
  listNewestTemplates,
  listTemplateVersions,
  newestEventOf,
  newestNotificationOf,
  type StoredEvent,
  type StoredTemplateVersion,
} from '../../stores/control/index.ts';
import { BUILT_IN } from './built-in.ts';
import { type LintFinding, lintTemplate } from './lint.ts';
import { type Rendered, Templates } from './render.ts';
import type { Template } from './template.ts';

/** Versions of one template that are kept, and most templates. */
const VERSIONS_KEPT = 50;
const MOST = 500;

export interface TemplateEntry {
  readonly template: Template;
  /** `predefined` and those of the configuration (`file`) cannot be changed by the API. */
  readonly origin: 'predefined' | 'file' | 'api';
  /** 0 where there are no versions: predefined, or of the configuration. */
  readonly version: number;
  /** Unix milliseconds; null where the program or the configuration holds it. */
  readonly savedAt: number | null;
  readonly savedBy: string | null;
  /**
   * A template of the configuration that the API had saved before: the configuration's goes before it, and this is
   * whether they are the same. Null: there is none.
   */
  readonly drift: 'same' | 'different' | null;
}

export interface PreviewRequest {
  readonly template: Template;
  /** Left out: those of the last notification of its types, else of the last such event, else the examples. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

export interface Preview {
  readonly rendered: Rendered;
  readonly sample: 'given' | 'last_event' | 'examples';
  /** The notification, or else the event of the platform, that the sample is from. */
  readonly sampledFrom: string | null;
  readonly lint: readonly LintFinding[];
}

export interface TemplateBookOptions {
  readonly store: ControlStore;
  readonly clock: Clock;
  readonly templates: Templates;
  /** Those of the configuration. */
  readonly provisioned: readonly Template[];
  /** What templates see of an event of the platform. */
  readonly variablesOf: (event: StoredEvent) => Record<string, unknown>;
}

/** The templates of messages: predefined, of the configuration, and saved, with their versions. */
export class TemplateBook {
  readonly #store: ControlStore;
  readonly #clock: Clock;
  readonly #templates: Templates;
  readonly #variablesOf: (event: StoredEvent) => Record<string, unknown>;
  #provisioned: readonly Template[];
  #saved = new Map<string, StoredTemplateVersion>();

  constructor({ store, clock, templates, provisioned, variablesOf }: TemplateBookOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#templates = templates;
    this.#provisioned = provisioned;
    this.#variablesOf = variablesOf;
    this.#apply();
  }

  async load(): Promise<void> {
    const rows = await listNewestTemplates(this.#store.db);
    this.#saved = new Map(rows.map((row) => [row.template_id, row]));
    this.#apply();
  }

  /** Takes the templates of a changed configuration. */
  provision(templates: readonly Template[]): void {
    this.#provisioned = templates;
    this.#apply();
  }

  /** By id. */
  list(): TemplateEntry[] {
    const ids = new Set([
      ...BUILT_IN.map((template) => template.id),
      ...this.#provisioned.map((template) => template.id),
      ...[...this.#saved.values()].filter((row) => row.body !== null).map((row) => row.template_id),
    ]);
    return [...ids].sort().map((id) => this.get(id));
  }

  /** Throws `not_found`. */
  get(id: string): TemplateEntry {
    const saved = this.#saved.get(id);
    const own = saved?.body == null ? undefined : (JSON.parse(saved.body) as Template);
    const provisioned = this.#provisioned.find((template) => template.id === id);
    const held = { version: 0, savedAt: null, savedBy: null };
    if (provisioned) {
      const drift = own && (isDeepStrictEqual(own, JSON.parse(JSON.stringify(provisioned))) ? 'same' : 'different');
      return { ...held, template: provisioned, origin: 'file', drift: drift ?? null };
    }
    const predefined = BUILT_IN.find((template) => template.id === id);
    if (predefined) return { ...held, template: predefined, origin: 'predefined', drift: null };
    if (!own) throw notFound(`there is no template "${id}"`, closeNames(id, this.#templates.ids));
    const { version, saved_at: savedAt, saved_by: savedBy } = saved!;
    return { template: own, origin: 'api', version, savedAt, savedBy, drift: null };
  }

  /** Throws `conflict` where there is one of this id, `invalid` for texts with mistakes. */
  async create(template: Template, by: string): Promise<TemplateEntry> {
    if (this.#templates.get(template.id)) {
      throw new ServiceError('conflict', `there is a template "${template.id}" already; PUT changes it`);
    }
    if (this.#saved.size >= MOST) throw new ServiceError('conflict', `there are ${MOST} templates already`);
    return this.#save(template, this.#saved.get(template.id)?.version ?? 0, by);
  }

  /** Replaces a saved one. `version`: the one that was looked at; another one by now is a `conflict`. */
  async update(template: Template, version: number | undefined, by: string): Promise<TemplateEntry> {
    const before = this.#changeable(template.id);
    if (version !== undefined && version !== before.version) {
      throw new ServiceError('conflict', `the template has version ${before.version} by now, not ${version}`);
    }
    return this.#save(template, before.version, by);
  }

  async delete(id: string, by: string): Promise<void> {
    const { version } = this.#changeable(id);
    await this.#write({ template_id: id, version: version + 1, body: null, saved_at: this.#clock.now(), saved_by: by });
  }

  /** Newest first; `template` is null where it was deleted. Throws `not_found` where nothing was ever saved. */
  async versions(id: string) {
    const rows = await listTemplateVersions(this.#store.db, id);
    if (rows.length === 0) this.get(id);
    return rows.map((row) => ({
      version: row.version,
      savedAt: row.saved_at,
      savedBy: row.saved_by,
      template: row.body === null ? null : (JSON.parse(row.body) as Template),
    }));
  }

  /** Makes an earlier version the newest one; also of a deleted template. */
  async restore(id: string, version: number, by: string): Promise<TemplateEntry> {
    const earlier = (await this.versions(id)).find((one) => one.version === version && one.template);
    if (!earlier) throw notFound(`the template "${id}" has no version ${version} to restore`);
    return this.#save(earlier.template!, this.#saved.get(id)?.version ?? 0, by);
  }

  /** Under the locks of its data, what a message would look like. */
  async preview({ template, data }: PreviewRequest): Promise<Preview> {
    const { db } = this.#store;
    const last = data ? undefined : await newestNotificationOf(db, template.types);
    const event = data || last ? undefined : await newestEventOf(db, template.types);
    const examples = Object.entries(template.variables ?? {}).map(([name, { example }]) => [name, example ?? name]);
    const variables = data ?? (last ? JSON.parse(last.data) : event ? this.#variablesOf(event) : undefined);
    const rendered = new Templates([template]).render({
      type: last?.type ?? event?.type ?? template.types[0] ?? 'message',
      severity: last?.severity ?? 'info',
      template: template.id,
      data: variables ?? Object.fromEntries(examples),
    });
    return {
      rendered,
      sample: data ? 'given' : last || event ? 'last_event' : 'examples',
      sampledFrom: last?.id ?? event?.id ?? null,
      lint: lintTemplate(template),
    };
  }

  /** What of the variables that a template demands is not in `data`, or is something else. */
  problemsOf(id: string | undefined, data: Readonly<Record<string, unknown>>): Issue[] {
    const variables = id === undefined ? undefined : this.#templates.get(id)?.variables;
    return Object.entries(variables ?? {}).flatMap(([name, { required, type }]) => {
      const path = `data.${name}`;
      const value = data[name];
      if (value === undefined || value === null) {
        return required ? [{ path, message: `the template "${id}" needs it` }] : [];
      }
      return type && !isOfType(value, type)
        ? [{ path, message: `the template "${id}" needs one of the type ${type}` }]
        : [];
    });
  }

  #changeable(id: string): TemplateEntry {
    const entry = this.get(id);
    if (entry.origin === 'api') return entry;
    const why = entry.origin === 'file' ? 'stands in the configuration; change it there' : 'is predefined';
    throw new ServiceError('conflict', `the template "${id}" ${why}, or copy it under another id`);
  }

  async #save(template: Template, version: number, by: string): Promise<TemplateEntry> {
    const errors = lintTemplate(template).filter((finding) => finding.level === 'error');
    if (errors.length > 0) throw invalid(...errors.map(toIssue));
    const body = JSON.stringify(template);
    await this.#write({
      template_id: template.id,
      version: version + 1,
      body,
      saved_at: this.#clock.now(),
      saved_by: by,
    });
    return this.get(template.id);
  }

  async #write(row: StoredTemplateVersion): Promise<void> {
    const isNew = await this.#store.transaction((db) => insertTemplateVersion(db, row, VERSIONS_KEPT));
    if (!isNew) throw new ServiceError('conflict', `somebody else has just changed the template "${row.template_id}"`);
    this.#saved.set(row.template_id, row);
    this.#apply();
  }

  #apply(): void {
    const saved = [...this.#saved.values()].flatMap(({ body }) =>
      body === null ? [] : [JSON.parse(body) as Template],
    );
    const provisioned = new Set(this.#provisioned.map((template) => template.id));
    const others = saved.filter((template) => !provisioned.has(template.id));
    this.#templates.replaceOwn([...this.#provisioned, ...others]);
  }
}

/** A finding as the API tells it. */
export function toIssue({ field, line, column, message }: LintFinding): Issue {
  return { path: field, message: `line ${line}, column ${column}: ${message}` };
}
