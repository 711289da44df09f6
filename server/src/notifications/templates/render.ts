import type { Liquid, Template as Parsed } from 'liquidjs';
import { truncate } from '../../lib/truncate.ts';
import { BUILT_IN, PLAIN } from './built-in.ts';
import { createLiquid } from './liquid.ts';
import type { Template, TemplateTexts } from './template.ts';

/** The words of a message, plain text. */
interface Words {
  readonly subject: string;
  readonly message: string;
  readonly mailSubject: string;
  readonly shortText: string;
}

/** A message with all its words. */
export interface Content extends Words {
  /** The words for a channel, a locale, or both. */
  readonly variants?: readonly (Words & { readonly channel?: string; readonly locale?: string })[];
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  readonly links: readonly { readonly label: string; readonly url: string }[];
  readonly good: boolean;
}

export interface RenderRequest {
  readonly type: string;
  readonly severity: string;
  readonly subject?: string | undefined;
  readonly message?: string | undefined;
  readonly template?: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Rendered {
  readonly content: Content;
  /** Id of the template that was used. */
  readonly template: string;
  /** Why the wanted template could not be used. */
  readonly error: string | undefined;
}

const SUBJECT_LIMIT = 500;
const MESSAGE_LIMIT = 32_000;
const SHORT_LIMIT = 480;
const FACT_LIMIT = 1000;
const LABELS_LIMIT = 15;

/** All templates, by id and by type. Own ones go before the built-in ones of the same type. */
export class Templates {
  #byId: ReadonlyMap<string, Template>;
  readonly #liquid: Liquid = createLiquid();
  /** For the built-in ones: they end, and must not be interrupted by a busy machine. */
  readonly #unhurried: Liquid = createLiquid(Number.POSITIVE_INFINITY);
  /** Bounded by the number of templates. */
  readonly #parsed = new Map<string, Parsed[]>();

  constructor(own: readonly Template[] = []) {
    this.#byId = byId(own);
  }

  /** From now on there are these besides the built-in ones. */
  replaceOwn(own: readonly Template[]): void {
    this.#byId = byId(own);
    this.#parsed.clear();
  }

  get(id: string): Template | undefined {
    return this.#byId.get(id);
  }

  get ids(): string[] {
    return [...this.#byId.keys()];
  }

  /** Never throws: a template that cannot be rendered gives way to the built-in ones, and says why. */
  render(request: RenderRequest): Rendered {
    const wanted = request.template === undefined ? this.#forType(request.type) : this.#byId.get(request.template);
    let error = wanted ? undefined : `there is no template "${request.template}"`;
    for (const template of new Set([wanted, builtInFor(request.type), PLAIN])) {
      if (!template) continue;
      try {
        return { content: this.#render(template, request), template: template.id, error };
      } catch (thrown) {
        error ??= `the template "${template.id}" cannot be rendered: ${oneLine((thrown as Error).message)}`;
      }
    }
    return { content: bareContent(request), template: PLAIN.id, error };
  }

  #forType(type: string): Template {
    for (const template of this.#byId.values()) if (template.types.includes(type)) return template;
    return PLAIN;
  }

  #parse(source: string): Parsed[] {
    const parsed = this.#parsed.get(source) ?? this.#liquid.parse(source);
    this.#parsed.set(source, parsed);
    return parsed;
  }

  #render(template: Template, request: RenderRequest): Content {
    // In Liquid an empty text counts as something.
    const given = Object.entries(request.data).filter(([, value]) => value !== '' && value !== null);
    const variables = {
      ...Object.fromEntries(given),
      type: request.type,
      severity: request.severity,
      subject: request.subject ?? request.data.subject,
      message: request.message ?? request.data.message,
    };
    const liquid = BUILT_IN.includes(template) ? this.#unhurried : this.#liquid;
    const text = (source: string) => String(liquid.renderSync(this.#parse(source), variables)).trim();
    const variants = (template.variants ?? []).map(({ channel, locale, ...own }) => ({
      ...(channel && { channel }),
      ...(locale && { locale }),
      ...renderWords({ ...template, ...own }, request, text),
    }));
    return {
      ...renderWords(template, request, text),
      ...(variants.length > 0 && { variants }),
      facts: [...renderFacts(template, text), ...(template.listsLabels ? labelFacts(request.data.labels) : [])],
      links: (template.links ?? [])
        .map(({ label, url }) => ({ label: text(label), url: text(url) }))
        .filter((link) => /^https?:\/\/\S+$/.test(link.url)),
      good: template.good === true,
    };
  }
}

function byId(own: readonly Template[]): Map<string, Template> {
  return new Map([...own, ...BUILT_IN].map((template) => [template.id, template]));
}

function renderWords(texts: TemplateTexts, request: RenderRequest, text: (source: string) => string): Words {
  const message = truncate(request.message ?? text(texts.message), MESSAGE_LIMIT);
  const subject = oneLine(request.subject ?? text(texts.subject)) || firstLine(message) || request.type;
  return {
    subject: truncate(subject, SUBJECT_LIMIT),
    message: message === '' ? subject : message,
    mailSubject: truncate(oneLine(text(texts.mailSubject ?? '')) || subject, SUBJECT_LIMIT),
    shortText: truncate(text(texts.shortText ?? '') || joinShort(subject, message), SHORT_LIMIT),
  };
}

function renderFacts(template: Template, text: (source: string) => string) {
  return (template.facts ?? [])
    .map(({ name, value }) => ({ name, value: truncate(text(value), FACT_LIMIT) }))
    .filter((fact) => fact.value !== '');
}

function labelFacts(labels: unknown) {
  if (typeof labels !== 'object' || labels === null) return [];
  return Object.entries(labels)
    .filter(([name]) => name !== 'service' && !name.startsWith('__'))
    .slice(0, LABELS_LIMIT)
    .map(([name, value]) => ({ name, value: truncate(String(value), FACT_LIMIT) }));
}

function builtInFor(type: string): Template | undefined {
  return BUILT_IN.find((template) => template.types.includes(type));
}

/** When even the plain template fails: the caller's words as they are. */
function bareContent(request: RenderRequest): Content {
  const message = truncate(request.message ?? '', MESSAGE_LIMIT);
  const subject = truncate(oneLine(request.subject ?? '') || firstLine(message) || request.type, SUBJECT_LIMIT);
  const shortText = truncate(joinShort(subject, message), SHORT_LIMIT);
  return { subject, message: message || subject, mailSubject: subject, shortText, facts: [], links: [], good: false };
}

function joinShort(subject: string, message: string): string {
  return message === '' || message === subject ? subject : `${subject}: ${message}`;
}

function firstLine(text: string): string {
  return truncate(oneLine(text.split('\n', 1)[0] ?? ''), 120);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
