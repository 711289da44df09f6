import type { Clock } from '../../model/clock.ts';
import type { Flow } from '../../model/flow.ts';
import type { PackedAttributes } from '../../model/packed-attributes.ts';
import { environmentOf } from '../../model/service.ts';
import type { Span, SpanSink } from '../../model/span.ts';

/** A version of a service of which spans came. Times are those of the spans, Unix milliseconds. */
export interface SeenVersion {
  readonly service: string;
  /** Empty where none is named. */
  readonly environment: string;
  readonly version: string;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

interface Entry extends SeenVersion {
  firstSeen: number;
  lastSeen: number;
  /** When spans of it came, by our clock. */
  heardAt: number;
}

/** A version that nobody speaks of any more is forgotten: when it comes back it is seen for the first time. */
const REMEMBERED_MS = 150_000;
const MOST = 2000;

/**
 * The versions (`service.version`) of services that send spans now. Learnt from what passes by on its way to the store:
 * to ask the store each minute would cost more than to store the spans.
 */
export class SeenVersions {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The sink, listened to. Spans are looked at when they come, so that nobody holds them until they are stored. */
  watch(sink: SpanSink): SpanSink {
    return {
      writeSpans: (spans) => sink.writeSpans(this.#seen(spans)),
    };
  }

  list(): SeenVersion[] {
    this.#forget();
    return [...this.#entries.values()].map(({ service, environment, version, firstSeen, lastSeen }) => ({
      ...{ service, environment, version, firstSeen, lastSeen },
    }));
  }

  /** Spans of one resource come one after another and share its attributes: only where these change is looked at. */
  #seen(spans: Flow<Span>): Flow<Span> {
    let resource: PackedAttributes | undefined;
    let entry: Entry | undefined;
    return {
      length: spans.length,
      forEach: (take) =>
        spans.forEach((span) => {
          if (span.resourceAttributes !== resource) {
            resource = span.resourceAttributes;
            entry = this.#entryOf(span);
          }
          if (entry) see(entry, Number(span.startTimeUnixNano) / 1e6);
          take(span);
        }),
    };
  }

  #entryOf({ service, resourceAttributes }: Span): Entry | undefined {
    const version = resourceAttributes.get('service.version');
    if (!version || service === '') return undefined;
    const environment = environmentOfPacked(resourceAttributes);
    const key = JSON.stringify([service, environment, version]);
    const entry = this.#entries.get(key) ?? this.#add(key, { service, environment, version });
    if (entry) entry.heardAt = this.#clock.now();
    return entry;
  }

  #add(key: string, place: Pick<SeenVersion, 'service' | 'environment' | 'version'>): Entry | undefined {
    if (this.#entries.size >= MOST) this.#forget();
    if (this.#entries.size >= MOST) return undefined;
    const entry = {
      ...place,
      firstSeen: Number.POSITIVE_INFINITY,
      lastSeen: Number.NEGATIVE_INFINITY,
      heardAt: 0,
    };
    this.#entries.set(key, entry);
    return entry;
  }

  #forget(): void {
    const since = this.#clock.now() - REMEMBERED_MS;
    for (const [key, { heardAt }] of this.#entries) if (heardAt < since) this.#entries.delete(key);
  }
}

function see(entry: Entry, at: number): void {
  if (at < entry.firstSeen) entry.firstSeen = Math.floor(at);
  if (at > entry.lastSeen) entry.lastSeen = Math.floor(at);
}

const ENVIRONMENT_KEYS = ['deployment.environment.name', 'deployment.environment', 'environment'];

function environmentOfPacked(attributes: PackedAttributes): string {
  return environmentOf(Object.fromEntries(ENVIRONMENT_KEYS.map((key) => [key, attributes.get(key) ?? ''])));
}
