import type { Labels } from '../../model/labels.ts';
import { environmentOf, serviceOfLabels } from '../../model/service.ts';
import type { ContainerUsage } from './container-usage.ts';
import { listAt, numberAt, objectAt, textAt } from './json-access.ts';

type ContainerHealth = 'none' | 'starting' | 'healthy' | 'unhealthy';

export interface ContainerReading {
  /** 64 hex digits; the series carry the first 12. */
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** `created`, `running`, `paused`, `restarting`, `removing`, `exited`, `dead`, ... as the engine says it. */
  readonly state: string;
  readonly health: ContainerHealth;
  /** Unix milliseconds; `undefined` where it never ran. */
  readonly startedAt: number | undefined;
  readonly restartCount: number;
  readonly labels: Labels;
  /** By the one rule of `model/service.ts`; empty where the labels say nothing. */
  readonly service: string;
  readonly environment: string;
  /** Of running containers. */
  readonly usage: ContainerUsage | undefined;
}

/** What `/containers/json` says of one container. */
export interface ListedContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly state: string;
  readonly health: ContainerHealth;
  readonly labels: Labels;
}

/** What `/containers/{id}/json` adds. */
export interface InspectedContainer {
  readonly state: string;
  readonly health: ContainerHealth;
  readonly startedAt: number | undefined;
  readonly restartCount: number;
}

export function parseContainers(list: unknown): ListedContainer[] {
  return listAt(list).flatMap((entry) => {
    const id = textAt(entry, 'Id');
    if (id === '') return [];
    const status = textAt(entry, 'Status');
    return [
      {
        id,
        name: containerName(entry) || id.slice(0, 12),
        image: textAt(entry, 'Image'),
        // Engines before 1.23 have no State: running ones are "Up ...".
        state: textAt(entry, 'State') || (status.startsWith('Up') ? 'running' : 'exited'),
        health: healthOfStatus(status),
        labels: labelsOf(objectAt(entry, 'Labels')),
      },
    ];
  });
}

/** `/web`, not the `/other/alias` of a link. */
function containerName(entry: unknown): string {
  const names = listAt(entry, 'Names').filter((name) => typeof name === 'string');
  return (names.find((name) => /^\/[^/]+$/.test(name)) ?? names[0] ?? '').replace(/^\//, '');
}

/** The status of a container with a health check reads `Up 4 hours (unhealthy)`. */
function healthOfStatus(status: string): ContainerHealth {
  const word = /\((?:health: )?(starting|healthy|unhealthy)\)/.exec(status);
  return word ? (word[1] as ContainerHealth) : 'none';
}

function labelsOf(labels: Readonly<Record<string, unknown>>): Labels {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));
}

export function parseInspection(answer: unknown): InspectedContainer {
  const health = textAt(answer, 'State', 'Health', 'Status').toLowerCase();
  const startedAt = Date.parse(textAt(answer, 'State', 'StartedAt'));
  return {
    state: textAt(answer, 'State', 'Status'),
    health: health === 'starting' || health === 'healthy' || health === 'unhealthy' ? health : 'none',
    // A container that never ran says 0001-01-01T00:00:00Z.
    startedAt: startedAt > 0 ? startedAt : undefined,
    restartCount: numberAt(answer, 'RestartCount') ?? 0,
  };
}

/** Puts the answers about one container together; of one that was not inspected the list has to do. */
export function containerReading(
  listed: ListedContainer,
  inspected: InspectedContainer | undefined,
  usage: ContainerUsage | undefined,
): ContainerReading {
  return {
    ...listed,
    health: inspected?.health ?? listed.health,
    startedAt: inspected?.startedAt,
    restartCount: inspected?.restartCount ?? 0,
    service: serviceOfLabels(listed.labels),
    environment: environmentOf(listed.labels),
    usage,
  };
}
