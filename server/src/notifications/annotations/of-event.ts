import { WRITTEN_ANNOTATION_KINDS } from '../../model/annotation-kind.ts';
import type { Severity } from '../../model/severity.ts';
import type { CloudEvent } from '../events/cloud-event.ts';
import type { AnnotationForm, WrittenKind } from './annotation.ts';

/**
 * Types of events that tell of a finished deploy: those of CDEvents (`dev.cdevents.service.deployed.0.2.0`), and what
 * is named so by others (`com.example.shop.deployed`, `deployment.succeeded`, `release.published`). What has only begun,
 * or has failed, is none. https://cdevents.dev/docs/continuous-deployment/
 */
const DEPLOYED = new RegExp(
  [
    '(^|[._/-])((deploy|deployment|release|rollout|rollback)|',
    '(deployed|released|upgraded|rolledback|rolled[._-]?out|rolled[._-]?back)|',
    '(deploy|deployment|release|rollout|rollback)[._/-](succeeded|success|completed|complete|finished|published|done))',
    String.raw`([._/-]v?\d+(\.\d+)*([-+][\w.]+)?)?$`,
  ].join(''),
  'i',
);

const SERVICE = ['service', 'service_name', 'service.name', 'app', 'application', 'subject.id'];
const ENVIRONMENT = ['environment', 'environment.id', 'environment.name', 'env', 'subject.content.environment.id'];
const VERSION = ['version', 'service_version', 'image_tag', 'tag', 'release', 'commit', 'sha', 'revision'];
const ARTIFACT = ['subject.content.artifactId', 'subject.content.artifact.id', 'artifactId', 'artifact_id'];
const URLS = ['url', 'link', 'html_url'];
/** Events of tomorrow are mistakes of a clock; a chart of now would never show them. */
const AHEAD_MS = 3_600_000;

/**
 * The annotation that an event is also: asked for by its extension attribute `annotation` (a kind, or `true`), by a
 * topic whose events are shown on charts (`isWanted`), or because it tells of a deploy. `undefined`: it is none.
 */
export function annotationOf(
  event: CloudEvent,
  severity: Severity,
  isWanted: boolean,
  now: number,
): AnnotationForm | undefined {
  const kind = kindOf(event, isWanted);
  if (!kind) return undefined;
  const at = event.time === null || event.time > now + AHEAD_MS ? now : event.time;
  const word = (paths: readonly string[]) => firstText(event, paths);
  const named = word(SERVICE) ?? (kind === 'deploy' && /^[\w./-]+$/.test(event.subject ?? '') ? event.subject : null);
  const url = word(URLS);
  const text = word(['message', 'summary', 'description']) ?? '';
  const said = word(['title']);
  return {
    ...{ kind, at, until: null, text: text.slice(0, 10_000), severity },
    service: (named ?? '').slice(0, 200),
    environment: (word(ENVIRONMENT) ?? '').slice(0, 200),
    version: word(VERSION)?.slice(0, 200) ?? versionOf(word(ARTIFACT)),
    title: said ?? (kind === 'deploy' || text !== '' ? undefined : titleOfType(event)),
    tags: [event.type.slice(0, 100)],
    url: url !== undefined && /^https?:\/\//i.test(url) && URL.canParse(url) ? url.slice(0, 2000) : null,
  };
}

function kindOf({ type, extensions }: CloudEvent, isWanted: boolean): WrittenKind | undefined {
  const asked = extensions.annotation;
  const isDeploy = DEPLOYED.test(type);
  if (asked === false || asked === 'false') return undefined;
  const named = WRITTEN_ANNOTATION_KINDS.find((kind) => kind === asked);
  if (named) return named;
  if (isDeploy) return 'deploy';
  return asked !== undefined || isWanted ? 'event' : undefined;
}

function titleOfType({ type, subject }: CloudEvent): string {
  return subject === null ? type : `${type}: ${subject}`;
}

/** The first of these that is a text or a number: an extension attribute, or what stands there in the data. */
function firstText({ extensions, data }: CloudEvent, paths: readonly string[]): string | undefined {
  for (const path of paths) {
    for (const value of [extensions[path], isObject(data) ? data[path] : undefined, walk(data, path.split('.'))]) {
      if ((typeof value === 'string' && value.trim() !== '') || typeof value === 'number') return String(value).trim();
    }
  }
  return undefined;
}

function walk(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, name) => (isObject(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined),
    value,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Of a package URL: `pkg:oci/shop@1.2.3?tag=1.2` is 1.2.3; of one that names a digest the tag. */
function versionOf(artifact: string | undefined): string | null {
  const [, version, query] = /^pkg:[^@?]+(?:@([^?#]+))?(?:\?([^#]*))?/.exec(artifact ?? '') ?? [];
  const tag = new URLSearchParams(query ?? '').get('tag');
  const plain = version === undefined ? null : decode(version);
  return ((plain?.startsWith('sha256:') ? (tag ?? plain) : plain) ?? tag)?.slice(0, 200) ?? null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
