import type { ConfigMap } from '../lib/config-map.ts';
import { changeAttributes } from '../model/attribute-packer.ts';
import type { PackedAttributes } from '../model/packed-attributes.ts';
import { onceEach } from './once-each.ts';
import type { Stage } from './stage.ts';

/** Attributes to add, by key. */
export type Additions = Readonly<Record<string, string>>;

/** What the configuration knows of services, by name. */
export type ServiceTable = ReadonlyMap<string, Additions>;

interface OfService {
  readonly service: string;
  readonly resourceAttributes: PackedAttributes;
}

/** Adds attributes to the resource, those of its service first. What the sender said is never changed. */
export function enrich<Item extends OfService>(always: Additions, services: ServiceTable): Stage<Item> | undefined {
  if (Object.keys(always).length === 0 && services.size === 0) return undefined;
  return () => {
    let service = '';
    const added = onceEach((resource: PackedAttributes) => {
      const additions = { ...always, ...services.get(service) };
      const missing = Object.entries(additions).filter(([key]) => !resource.has(key));
      return missing.length === 0 ? resource : changeAttributes(resource, missing);
    });
    return (item) => {
      // A resource has one service.
      service = item.service;
      const resourceAttributes = added(item.resourceAttributes);
      return resourceAttributes === item.resourceAttributes ? item : { ...item, resourceAttributes };
    };
  };
}

/** `services`: `{name, owner, environment, attributes}`; mistakes go where the map collects them. */
export function readServiceTable(file: ConfigMap): ServiceTable {
  const table = new Map<string, Additions>();
  for (const map of file.maps('services') ?? []) {
    const name = map.text('name');
    const owner = map.text('owner');
    const environment = map.text('environment');
    const attributes = map.textMap('attributes') ?? {};
    map.refuseOthers();
    if (!name) map.fail('name', 'a service needs its name, as namespace/name where it has a namespace');
    else if (table.has(name)) map.fail('name', `"${name}" is there twice`);
    else {
      table.set(name, {
        ...attributes,
        ...(owner !== undefined && { 'service.owner': owner }),
        ...(environment !== undefined && { 'deployment.environment.name': environment }),
      });
    }
  }
  return table;
}
