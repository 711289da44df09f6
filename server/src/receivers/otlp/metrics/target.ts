import type { Attributes } from '../../../model/attributes.ts';
import type { SeriesSamples } from '../../../model/metric.ts';
import { environmentOf } from '../../../model/service.ts';
import type { Scope } from '../origin.ts';
import { addLabels } from './label-names.ts';
import type { TranslationStrategy } from './metric-names.ts';

/** What identifies a resource, and so does not stand in its description once more. */
const IDENTITY = ['service.name', 'service.namespace', 'service.instance.id'];
/** Tell the senders of one service apart where they give no instance. */
const PLACES = ['host.name', 'container.name', 'k8s.namespace.name', 'k8s.pod.name'];
const MOST_VALUE_LENGTH = 4096;

/**
 * The labels that every series of a resource has: `job` and `instance` as the specification says, `environment`. A
 * resource without an instance keeps the names of its host, container and pod as labels (the specification lets
 * resource attributes be copied): else two hosts would write into one series.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#resource-attributes-1
 */
export function targetLabels(resource: Attributes, strategy: TranslationStrategy): Record<string, string> {
  const labels: Record<string, string> = {};
  const name = resource['service.name'];
  const namespace = resource['service.namespace'];
  const instance = resource['service.instance.id'];
  const environment = environmentOf(resource);
  if (name) labels.job = namespace ? `${namespace}/${name}` : name;
  if (instance) labels.instance = instance;
  else addLabels(labels, pick(resource, PLACES), labels, strategy);
  if (environment) labels.environment = environment;
  return labels;
}

function pick(attributes: Attributes, keys: readonly string[]): Attributes {
  return Object.fromEntries(keys.filter((key) => attributes[key]).map((key) => [key, attributes[key]!]));
}

/** Labels of a scope: its name, its version and its attributes, so that two scopes never share a series. */
export function scopeLabels(scope: Scope, strategy: TranslationStrategy): Record<string, string> {
  const labels: Record<string, string> = {};
  if (scope.name) labels.otel_scope_name = scope.name;
  if (scope.version) labels.otel_scope_version = scope.version;
  addLabels(labels, scope.attributes, labels, strategy, 'otel_scope_');
  return labels;
}

/**
 * `target_info`, which carries all resource attributes once instead of with every series; `undefined` for a resource
 * that could not be joined with its series, or that has nothing more to say.
 */
export function targetInfo(
  resource: Attributes,
  time: number,
  strategy: TranslationStrategy,
): SeriesSamples | undefined {
  const identity: Record<string, string> = {};
  const { job, instance } = targetLabels(resource, strategy);
  if (job) identity.job = job;
  if (instance) identity.instance = instance;
  if (Object.keys(identity).length === 0) return undefined;
  const described: Record<string, string> = {};
  addLabels(described, without(resource, IDENTITY), identity, strategy);
  if (Object.keys(described).length === 0) return undefined;
  return {
    name: 'target_info',
    labels: { ...described, ...identity },
    type: 'info',
    unit: '',
    help: 'Attributes of the resource that sent the series with the same job and instance',
    timestamps: [time],
    values: [1],
  };
}

/** A command line may be longer than a label: cut here, it costs nothing but its end. */
function without(attributes: Attributes, keys: readonly string[]): Attributes {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([key]) => !keys.includes(key))
      .map(([key, value]) => [key, value.slice(0, MOST_VALUE_LENGTH)]),
  );
}
