import { formatDuration, parseDuration } from '../../lib/duration.ts';
import { relabel } from '../../lib/relabel.ts';
import { type Labels, labelsKey } from '../../model/labels.ts';
import type { TargetGroup } from './discovery/target-group.ts';
import type { ScrapeJob } from './scrape-job.ts';

/** Something to scrape, as relabelling left it. */
export interface Target {
  /** The same for the same target. */
  readonly key: string;
  /** As they were found, before relabelling. */
  readonly discoveredLabels: Labels;
  /** Those of its samples. */
  readonly labels: Labels;
  readonly url: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/** What became of a target that was found: it is scraped, dropped by relabelling, or cannot be scraped. */
export type FoundTarget =
  | { readonly kind: 'active'; readonly target: Target }
  | { readonly kind: 'dropped'; readonly discoveredLabels: Labels }
  | { readonly kind: 'broken'; readonly discoveredLabels: Labels; readonly problem: string };

const META = '__meta_';
const PARAM = '__param_';

/** The targets of a group after the relabelling of their job. */
export function targetsOf(group: TargetGroup, job: ScrapeJob): FoundTarget[] {
  return group.targets.map((own) => {
    const discoveredLabels = withDefaults({ ...group.labels, ...own }, job);
    const labels = relabel(discoveredLabels, job.relabelRules);
    if (!labels) return { kind: 'dropped', discoveredLabels };
    const target = toTarget(labels, discoveredLabels, job);
    return typeof target === 'string'
      ? { kind: 'broken', discoveredLabels, problem: target }
      : { kind: 'active', target };
  });
}

function withDefaults(found: Labels, job: ScrapeJob): Labels {
  const labels: Record<string, string> = { ...found };
  const defaults = {
    job: job.name,
    __scrape_interval__: formatDuration(job.intervalMs),
    __scrape_timeout__: formatDuration(job.timeoutMs),
    __metrics_path__: job.metricsPath,
    __scheme__: job.scheme,
  };
  for (const [name, value] of Object.entries(defaults)) labels[name] ||= value;
  for (const [name, values] of Object.entries(job.params)) {
    if (values.length > 0) labels[PARAM + name] ||= values[0]!;
  }
  return labels;
}

function toTarget(labels: Labels, discoveredLabels: Labels, job: ScrapeJob): Target | string {
  const address = labels.__address__ ?? '';
  if (address === '') return 'it has no __address__';
  if (address.includes('/')) return `"${address}" is not a host and a port`;
  const times = readTimes(labels);
  if (typeof times === 'string') return times;
  const url = urlOf(labels, address, job);
  if (!URL.canParse(url)) return `"${url}" is no URL`;
  const own: Record<string, string> = {};
  for (const [name, value] of Object.entries(labels)) if (!name.startsWith('__')) own[name] = value;
  own.instance ??= address;
  const identity = Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith(META)));
  return { key: `${labelsKey(identity)}\u0003${url}`, discoveredLabels, labels: own, url, ...times };
}

function readTimes(labels: Labels): Pick<Target, 'intervalMs' | 'timeoutMs'> | string {
  const intervalMs = parseDuration(labels.__scrape_interval__ ?? '');
  const timeoutMs = parseDuration(labels.__scrape_timeout__ ?? '');
  if (!intervalMs) return `"${labels.__scrape_interval__}" is no __scrape_interval__`;
  if (!timeoutMs) return `"${labels.__scrape_timeout__}" is no __scrape_timeout__`;
  return timeoutMs > intervalMs ? '__scrape_timeout__ is longer than __scrape_interval__' : { intervalMs, timeoutMs };
}

function urlOf(labels: Labels, address: string, job: ScrapeJob): string {
  const params = new Map(Object.entries(job.params).map(([name, values]) => [name, [...values]]));
  for (const [label, value] of Object.entries(labels)) {
    if (!label.startsWith(PARAM)) continue;
    const name = label.slice(PARAM.length);
    params.set(name, [value, ...(params.get(name)?.slice(1) ?? [])]);
  }
  const query = new URLSearchParams();
  for (const name of [...params.keys()].sort()) for (const value of params.get(name)!) query.append(name, value);
  const path = labels.__metrics_path__ ?? '';
  const text = query.toString();
  return `${labels.__scheme__}://${address}${path.startsWith('/') || path === '' ? '' : '/'}${path}${text === '' ? '' : `?${text}`}`;
}
