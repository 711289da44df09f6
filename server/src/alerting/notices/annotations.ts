import { createLiquid } from '../../notifications/index.ts';
import type { AlertFacts } from './alert-facts.ts';

const liquid = createLiquid();

/**
 * An alert's annotations with their Liquid templates filled in. A template that cannot be filled in stands as it was
 * written, with the reason: it never stops the alert.
 */
export function renderAnnotations(
  annotations: Readonly<Record<string, string>>,
  facts: AlertFacts,
): Record<string, string> {
  const rendered: Record<string, string> = {};
  for (const [name, template] of Object.entries(annotations)) rendered[name] = render(template, facts);
  return rendered;
}

function render(template: string, facts: AlertFacts): string {
  if (!template.includes('{')) return template;
  try {
    return liquid.parseAndRenderSync(template, facts);
  } catch (error) {
    return `${template} (the template failed: ${(error as Error).message})`;
  }
}

/** What is wrong with a template, or `undefined`. */
export function templateError(template: string): string | undefined {
  try {
    liquid.parse(template);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
