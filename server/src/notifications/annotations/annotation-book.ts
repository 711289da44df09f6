import { newId } from '../../lib/id.ts';
import { WRITTEN_ANNOTATION_KINDS } from '../../model/annotation-kind.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid, notFound } from '../../model/errors.ts';
import type { Severity } from '../../model/severity.ts';
import {
  type AnnotationFilter,
  type ControlStore,
  deleteAnnotation,
  deleteDeploys,
  type Executor,
  findAnnotation,
  insertAnnotation,
  listAnnotations,
  listEpisodes,
  type StoredAnnotation,
  type StoredEpisode,
  updateAnnotation,
} from '../../stores/control/index.ts';
import { type Annotation, type AnnotationForm, titleOf, toAnnotation } from './annotation.ts';

export interface AnnotationQuery extends Omit<AnnotationFilter, 'services'> {
  /** About this service; with `orNone` also about none in particular. */
  readonly service?: string | undefined;
  readonly orNone?: boolean | undefined;
}

type Changes<T> = { readonly [Key in keyof T]?: T[Key] | undefined };

interface Origin {
  readonly by: string;
  /** Of the event of the platform that it is made from. */
  readonly source?: string;
  readonly eventId?: string;
}

type DeployForm = AnnotationForm & { readonly kind: 'deploy' };

/** Who has written the deploys that are found in spans. */
const SPANS = 'spans';
/** A deploy that somebody tells of, so long before or after its first span, is the same one. */
const SAME_DEPLOY_MS = 30 * 60_000;
const MOST_DEPLOYS = 500;

/** What happened when: deploys, events and notes, which are written down here, and alerts, which have their history. */
export class AnnotationBook {
  readonly #store: ControlStore;
  readonly #clock: Clock;

  constructor(store: ControlStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Newest first, by their beginning; alerts among the others, where their kind is asked for or none is. */
  async list(query: AnnotationQuery): Promise<Annotation[]> {
    const { service, orNone, ...filter } = query;
    const wants = (kind: string) => filter.kinds?.includes(kind) ?? true;
    const { db } = this.#store;
    const services = service === undefined ? undefined : orNone ? [service, ''] : [service];
    const written = WRITTEN_ANNOTATION_KINDS.some(wants) ? await listAnnotations(db, { ...filter, services }) : [];
    // Alerts have no tags.
    const fired = wants('alert') && !filter.tags?.length ? await listEpisodes(db, episodesOf(query)) : [];
    return [...written.map(toAnnotation), ...fired.map(ofEpisode)]
      .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
      .slice(0, filter.limit);
  }

  /** Throws `not_found`. */
  async get(id: string): Promise<Annotation> {
    return toAnnotation(await this.#find(this.#store.db, id));
  }

  add(form: AnnotationForm, by: string): Promise<Annotation> {
    return this.#store.transaction((db) => this.write(db, form, { by }));
  }

  /**
   * By the caller's transaction. A deploy that somebody tells of takes the place of the same one that was found in
   * spans. Throws `invalid` for what ends before it begins or says nothing.
   */
  async write(db: Executor, form: AnnotationForm, origin: Origin): Promise<Annotation> {
    const { kind, service, environment, version, at } = form;
    const written = await this.#insert(db, form, origin);
    if (kind === 'deploy' && version !== null) {
      const times = { start: at - SAME_DEPLOY_MS, end: at + SAME_DEPLOY_MS };
      await deleteDeploys(db, { service, environment, version, createdBy: SPANS, ...times });
    }
    return written;
  }

  /** A deploy that was found in spans, by the caller's transaction; nothing where somebody has told of the same one. */
  async writeFound(db: Executor, form: DeployForm): Promise<void> {
    const { service, environment, version, at } = form;
    const times = { start: at - SAME_DEPLOY_MS, end: at + SAME_DEPLOY_MS };
    const told = await listAnnotations(db, { ...times, kinds: ['deploy'], services: [service], limit: MOST_DEPLOYS });
    if (told.some((one) => one.version === version && ['', environment].includes(one.environment))) return;
    await this.#insert(db, form, { by: SPANS });
  }

  async #insert(db: Executor, form: AnnotationForm, { by, source, eventId }: Origin): Promise<Annotation> {
    const row: StoredAnnotation = {
      ...{ id: newId(), source: source ?? null, event_id: eventId ?? null },
      ...{ created_by: by, created_at: this.#clock.now() },
      ...columnsOf(form),
    };
    await insertAnnotation(db, row);
    return toAnnotation(row);
  }

  /** Changes the given fields. Throws `not_found`, or `invalid`. */
  update(id: string, changes: Changes<AnnotationForm>): Promise<Annotation> {
    return this.#store.transaction(async (db) => {
      const before = await this.#find(db, id);
      const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      const after = { ...before, ...columnsOf({ ...(toAnnotation(before) as AnnotationForm), ...given }) };
      await updateAnnotation(db, after);
      return toAnnotation(after);
    });
  }

  /** Throws `not_found`. */
  async remove(id: string): Promise<void> {
    if (!(await deleteAnnotation(this.#store.db, id))) throw unknown(id);
  }

  async #find(db: Executor, id: string): Promise<StoredAnnotation> {
    const row = await findAnnotation(db, id);
    if (!row) throw unknown(id);
    return row;
  }
}

function unknown(id: string) {
  return notFound(`there is no annotation ${id}; those of alerts belong to /api/alerts/history`);
}

function columnsOf(form: AnnotationForm) {
  const { kind, at, until, text, service, environment, version, severity, url } = form;
  const title = titleOf(form);
  if (until !== null && until < at) throw invalid({ path: 'time_end', message: 'must not be before time' });
  if (title === '') throw invalid({ path: 'title', message: 'say something: title or text' });
  return {
    ...{ kind, at, until, title, text, service, environment, version, severity, url },
    tags: JSON.stringify([...new Set(form.tags)]),
  };
}

function episodesOf({ service, environment, start, end, after, limit }: AnnotationQuery) {
  return { service, environment, start, end, limit, ...(after && { after: { firedAt: after.at, id: after.id } }) };
}

function ofEpisode(episode: StoredEpisode): Annotation {
  const { id, rule_name: title, service, environment } = episode;
  return {
    ...{ id, kind: 'alert', at: episode.fired_at, until: episode.ended_at, title, text: '', service, environment },
    ...{ version: null, severity: episode.severity as Severity, tags: [], url: null, source: null, eventId: null },
    ...{ alertId: episode.rule_id, incidentId: episode.incident_id, createdBy: 'alert', createdAt: episode.fired_at },
  };
}
