/** Annotations that are written down: by people and programs, and by events of the platform. */
export const WRITTEN_ANNOTATION_KINDS = ['deploy', 'event', 'note'] as const;
/** Alerts are annotations too, but stand in their own history. */
export const ANNOTATION_KINDS = [...WRITTEN_ANNOTATION_KINDS, 'alert'] as const;
