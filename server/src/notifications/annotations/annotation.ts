import type { ANNOTATION_KINDS, WRITTEN_ANNOTATION_KINDS } from '../../model/annotation-kind.ts';
import type { Severity } from '../../model/severity.ts';
import type { StoredAnnotation } from '../../stores/control/index.ts';

export type WrittenKind = (typeof WRITTEN_ANNOTATION_KINDS)[number];

/** What is said of something that happened. Times are Unix milliseconds. */
export interface AnnotationForm {
  readonly kind: WrittenKind;
  readonly at: number;
  /** Null: a moment. */
  readonly until: number | null;
  /** Left out: made from the rest. */
  readonly title?: string | undefined;
  readonly text: string;
  /** Empty: about no service in particular. */
  readonly service: string;
  /** Empty: about every environment. */
  readonly environment: string;
  readonly version: string | null;
  readonly severity: Severity;
  readonly tags: readonly string[];
  readonly url: string | null;
}

/** Something that charts show. */
export interface Annotation extends Required<Omit<AnnotationForm, 'kind' | 'title'>> {
  readonly id: string;
  readonly kind: (typeof ANNOTATION_KINDS)[number];
  readonly title: string;
  /** Of the event of the platform that it is made from. */
  readonly source: string | null;
  readonly eventId: string | null;
  readonly alertId: string | null;
  readonly incidentId: string | null;
  readonly createdBy: string;
  readonly createdAt: number;
}

const LONGEST_TITLE = 300;

/** What stands on the chart where nobody has named it. */
export function titleOf({ kind, title, text, service, version }: AnnotationForm): string {
  const given = (title ?? '').trim() || (text.split('\n', 1)[0] ?? '').trim();
  if (kind !== 'deploy' || given !== '') return given.slice(0, LONGEST_TITLE);
  return [service === '' ? 'Deploy' : `Deploy of ${service}`, version]
    .filter(Boolean)
    .join(' ')
    .slice(0, LONGEST_TITLE);
}

export function toAnnotation(row: StoredAnnotation): Annotation {
  const { event_id: eventId, created_by: createdBy, created_at: createdAt, ...rest } = row;
  return {
    ...rest,
    kind: row.kind as WrittenKind,
    severity: row.severity as Severity,
    tags: JSON.parse(row.tags) as string[],
    ...{ eventId, createdBy, createdAt, alertId: null, incidentId: null },
  };
}
