/** A PromQL selector of a metric, with these labels. */
function selector(metric: string, labels: Readonly<Record<string, string>>): string {
  const isPlain = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(metric);
  const conditions = Object.entries(labels).map(([name, value]) => `${name}=${quote(value)}`);
  if (!isPlain) conditions.unshift(quote(metric));
  return `${isPlain ? metric : ''}${conditions.length > 0 ? `{${conditions.join(',')}}` : ''}`;
}

/** PromQL's strings are Go's, whose escapes JSON's are a part of. */
function quote(text: string): string {
  return JSON.stringify(text);
}

/** One of the series that we derive for services, of one service where one is given. */
export function derivedSeries(metric: string, service: string | null): string {
  return selector(metric, service === null ? {} : { service });
}

/**
 * Any metric, of one service where one is given: by its label `service`, else by its `job`, which is what OpenTelemetry
 * and scrapes have. The host's own figures belong to no service.
 */
export function metricSelectors(metric: string, service: string | null): string[] {
  if (service === null || metric.startsWith('host_')) return [selector(metric, {})];
  return [selector(metric, { service }), selector(metric, { service: '', job: service })];
}

export function metricSeries(metric: string, service: string | null): string {
  return metricSelectors(metric, service).join(' or ');
}
