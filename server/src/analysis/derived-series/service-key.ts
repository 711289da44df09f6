import type { Labels } from '../../model/labels.ts';
import { environmentOf, serviceOfLabels } from '../../model/service.ts';

/** A service in an environment (empty where unknown): what the derived series are labelled with. */
export interface ServiceKey {
  readonly service: string;
  readonly environment: string;
}

export function keyText({ service, environment }: ServiceKey): string {
  return `${service}\u0000${environment}`;
}

/** The service that a series belongs to; `undefined` where its labels name none. */
export function serviceKeyOf(labels: Labels): ServiceKey | undefined {
  const service = serviceOfLabels(labels);
  return service === '' ? undefined : { service, environment: environmentOf(labels) };
}

/** What tells the instances of a service apart: `instance`, else the place that it runs in. */
export function instanceOf(labels: Labels): string {
  if (labels.instance) return labels.instance;
  const place = [labels.host_name, labels.k8s_namespace_name, labels.k8s_pod_name, labels.container_name];
  return place.filter((word) => word).join('\u0000');
}
