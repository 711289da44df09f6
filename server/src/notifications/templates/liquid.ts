import { Liquid } from 'liquidjs';

/** Longest template, and most objects of one rendering. */
const PARSE_LIMIT = 20_000;
const MEMORY_LIMIT = 200_000;
/**
 * Most milliseconds of one rendering of a template that somebody wrote. Measured by the wall clock, so that on a busy
 * machine a harmless template can be interrupted for a while: not too tight.
 */
const RENDER_LIMIT_MS = 500;

/**
 * Liquid that cannot harm: unknown filters are errors, no prototypes, no other files, bounded in size, time and
 * memory. Nothing is escaped here, since every channel escapes the whole text for its own form.
 */
export function createLiquid(renderLimitMs = RENDER_LIMIT_MS): Liquid {
  const engine = new Liquid({
    strictFilters: true,
    ownPropertyOnly: true,
    lenientIf: true,
    templates: {},
    timezoneOffset: 0,
    parseLimit: PARSE_LIMIT,
    renderLimit: renderLimitMs,
    memoryLimit: MEMORY_LIMIT,
  });
  for (const tag of ['include', 'render', 'layout', 'block']) delete engine.tags[tag];
  engine.registerFilter('number', formatNumber);
  return engine;
}

/** A reading for people: at most four significant digits after the point, no exponent where it can be avoided. */
function formatNumber(value: unknown): string {
  if (typeof value !== 'number') return String(value ?? '');
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(Math.max(4, Math.ceil(Math.log10(Math.abs(value))) + 2))));
}
