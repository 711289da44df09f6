import type { SeenVersion } from '../../analysis/service-versions/index.ts';
import {
  type ControlStore,
  claimServiceVersion,
  type Executor,
  listServiceVersions,
  type StoredServiceVersion,
  saveServiceVersions,
} from '../../stores/control/index.ts';
import type { NotificationCentre } from '../notices/notification-centre.ts';

/** Says which versions of services were seen of late. */
export type VersionSource = () => readonly SeenVersion[];

/** A version that was gone for so long and comes back was deployed again: instances of two overlap in a rolling deploy. */
const GONE_MS = 10 * 60_000;
const REMEMBERED_MS = 90 * 86_400_000;

/**
 * Finds deploys in `service.version` of spans (https://opentelemetry.io/docs/specs/semconv/resource/#service): a
 * version of a service and environment that follows another one. Each becomes an annotation, unless a deploy of the
 * same version was told of by somebody.
 */
export class DeployWatch {
  readonly #store: ControlStore;
  readonly #annotations: NotificationCentre['annotations'];

  constructor(store: ControlStore, annotations: NotificationCentre['annotations']) {
    this.#store = store;
    this.#annotations = annotations;
  }

  /** Resolves with how many deploys were found. */
  async look(source: VersionSource, now: number): Promise<number> {
    const seen = source();
    if (seen.length === 0) return 0;
    return this.#store.transaction(async (db) => {
      const known = await listServiceVersions(db, [...new Set(seen.map(({ service }) => service))]);
      const byPlace = Map.groupBy(known, placeOf);
      const deploys = seen.filter((one) => isDeploy(one, byPlace.get(placeOf(one)) ?? []));
      for (const one of deploys) await this.#tell(db, one, byPlace.get(placeOf(one)) ?? []);
      await saveServiceVersions(db, seen.map(rowOf), now - REMEMBERED_MS);
      return deploys.length;
    });
  }

  async #tell(db: Executor, deploy: SeenVersion, known: readonly StoredServiceVersion[]): Promise<void> {
    const { service, environment, version, firstSeen } = deploy;
    const sameBefore = known.find((one) => one.version === version);
    if (!(await claimServiceVersion(db, rowOf(deploy), sameBefore?.seen_at))) return;
    const before = known.toSorted((a, b) => b.seen_at - a.seen_at).find((one) => one.version !== version);
    await this.#annotations.writeFound(db, {
      kind: 'deploy',
      ...{ service, environment, version, at: firstSeen, until: null, url: null },
      text: before === undefined ? '' : `Before it ran version ${before.version}.`,
      title: `Deploy of ${service} ${version}`,
      severity: 'info',
      tags: [],
    });
  }
}

function rowOf({ service, environment, version, lastSeen }: SeenVersion): StoredServiceVersion {
  return { service, environment, version, seen_at: lastSeen };
}

function placeOf({ service, environment }: { readonly service: string; readonly environment: string }): string {
  return `${service}\0${environment}`;
}

/** The first version of a service that is ever seen says nothing of a deploy. */
function isDeploy({ version, firstSeen }: SeenVersion, known: readonly StoredServiceVersion[]): boolean {
  const before = known.find((one) => one.version === version);
  if (!before) return known.length > 0;
  return firstSeen - before.seen_at > GONE_MS && known.some((one) => one.seen_at > before.seen_at);
}
