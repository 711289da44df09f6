import type { Attributes } from './attributes.ts';
import type { LabelMatcher } from './label-matcher.ts';
import type { Labels } from './labels.ts';

/** What signals without any word about their service are filed under, as the OpenTelemetry SDKs do. */
export const UNKNOWN_SERVICE = 'unknown_service';

/** The service of an OpenTelemetry resource: `service.name`, as `namespace/name` where a namespace is given. */
export function serviceOfResource(resource: Attributes): string {
  const name = resource['service.name'];
  if (!name) return serviceOfWorkload(resource) || UNKNOWN_SERVICE;
  const namespace = resource['service.namespace'];
  return namespace ? `${namespace}/${name}` : name;
}

/** The service of a series: its `service` label, else its workload's label, else `job`; empty where there is none. */
export function serviceOfLabels(labels: Labels): string {
  return labels.service || serviceOfWorkload(labels) || labels.job || '';
}

/** The workload labels of Compose and Kubernetes, in OpenTelemetry, container-label and Prometheus spelling. */
const WORKLOAD_LABELS = [
  'com.docker.compose.service',
  'container_label_com_docker_compose_service',
  'app.kubernetes.io/name',
  'app_kubernetes_io_name',
  'k8s.deployment.name',
];

function serviceOfWorkload(labels: Readonly<Record<string, string>>): string {
  for (const name of WORKLOAD_LABELS) if (labels[name]) return labels[name];
  return '';
}

/** Matcher sets, one of which holds exactly where `serviceOfLabels` gives `service` (not empty). */
export function serviceMatchers(service: string): LabelMatcher[][] {
  const sources = ['service', ...WORKLOAD_LABELS, 'job'];
  return sources.map((source, index) => [
    { name: source, operator: '=', value: service },
    ...sources.slice(0, index).map((name): LabelMatcher => ({ name, operator: '=', value: '' })),
  ]);
}

/** The environment of a resource or label set (`production`, `staging`, ...), or empty. */
export function environmentOf(attributes: Readonly<Record<string, string>>): string {
  return (
    attributes['deployment.environment.name'] || attributes['deployment.environment'] || attributes.environment || ''
  );
}
