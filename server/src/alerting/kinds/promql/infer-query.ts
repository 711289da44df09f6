import { type Issue, invalid } from '../../../model/errors.ts';
import { derivedSeries } from './selector.ts';

interface Figure {
  /** As documented; plurals count too. */
  readonly words: readonly string[];
  readonly query: (service: string | null, threshold: number) => string;
  /** Where a small value is the bad one. */
  readonly lowerIsWorse?: boolean;
}

/** Words of the name or description of an alert, and the series that they stand for. */
const FIGURES: Readonly<Record<string, Figure>> = {
  cpu: { words: ['cpu'], query: (service) => ofServiceOrHost('cpu_usage_percent', service) },
  memory: {
    words: ['memory', 'ram', 'heap'],
    query: (service, threshold) => {
      if (threshold <= 100) return ofServiceOrHost('memory_usage_percent', service);
      return service === null ? 'host_memory_used_bytes' : derivedSeries('service_memory_usage_bytes', service);
    },
  },
  latency: {
    words: ['latency', 'response time', 'slow', 'duration'],
    query: (service) => derivedSeries('service_latency_p95_ms', service),
  },
  errors: { words: ['error', 'failure'], query: (service) => derivedSeries('service_error_percent', service) },
  traffic: {
    words: ['request', 'traffic', 'throughput'],
    query: (service) => derivedSeries('service_requests_per_second', service),
  },
  restarts: {
    words: ['restart'],
    query: (service) => `increase(${derivedSeries('service_restarts_total', service)}[15m])`,
  },
  disk: { words: ['disk'], query: () => 'host_disk_usage_percent' },
  availability: {
    words: ['down', 'unavailable', 'health'],
    query: (service) => derivedSeries('service_up', service),
    lowerIsWorse: true,
  },
};

function ofServiceOrHost(figure: string, service: string | null): string {
  return service === null ? `host_${figure}` : derivedSeries(`service_${figure}`, service);
}

export interface Inference {
  /** Key of the word group. */
  readonly figure: string;
  readonly query: string;
  /** The operator to take where none is given. */
  readonly lowerIsWorse: boolean;
}

/**
 * The figure that an alert without metric and query is about, by the words of its name, else of its description.
 * Throws 422 where these name none or several.
 */
export function inferFigure(name: string, description: string): string {
  const inName = figuresIn(name);
  const found = inName.length > 0 ? inName : figuresIn(description);
  if (found.length === 1) return found[0]!;
  throw invalid(undecided(inName.length > 0 ? 'name' : 'description', found));
}

export function queryOfFigure(figure: string, service: string | null, threshold: number): Inference {
  const { query, lowerIsWorse = false } = FIGURES[figure]!;
  return { figure, query: query(service, threshold), lowerIsWorse };
}

function figuresIn(text: string): string[] {
  const words = ` ${splitWords(text)} `;
  return Object.keys(FIGURES).filter((figure) =>
    FIGURES[figure]!.words.some((word) => words.includes(` ${word} `) || words.includes(` ${word}s `)),
  );
}

/** `HighCPUUsage`, `high_cpu-usage` and `High CPU usage` are the same words. */
function splitWords(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function undecided(path: string, found: readonly string[]): Issue {
  const list = Object.values(FIGURES)
    .map(({ words }) => words.join(', '))
    .join('; ');
  const what =
    found.length > 1
      ? `names several figures (${found.join(', ')})`
      : 'names no figure to watch, and neither does the name';
  return { path, message: `${what}: give metric or query, or use words of exactly one of these groups: ${list}` };
}
