import { Awaited, executeGoTemplate } from '../../lib/go-template/execute.ts';
import type { ParsedTemplate } from '../../lib/go-template/nodes.ts';
import { parseGoTemplate } from '../../lib/go-template/parser.ts';
import { Struct, type Value } from '../../lib/go-template/values.ts';
import { FUNCTION_NAMES, type TemplateSample, templateFunctions } from './functions.ts';

/** What a label or annotation of a rule file may speak of. */
export interface TemplateData {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly externalLabels: Readonly<Record<string, string>>;
  /** Where people open the service, without a slash at the end. */
  readonly externalUrl: string;
  /** Unix milliseconds. */
  readonly now: number;
}

/** Answers the queries that templates ask. */
export type TemplateQuery = (query: string) => Promise<readonly TemplateSample[]>;

const VARIABLES = ['$labels', '$externalLabels', '$externalURL', '$value'] as const;
/** Queries of one template. */
const MOST_QUERIES = 20;

function parse(name: string, text: string): ParsedTemplate {
  return parseGoTemplate(`__alert_${name}`, text, { functions: FUNCTION_NAMES, variables: VARIABLES });
}

/** What is wrong with a template of the rule `name`, or `undefined`. */
export function ruleTemplateError(name: string, text: string): string | undefined {
  try {
    parse(name, text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * Fills in a label or an annotation of the rule `name` as Prometheus does. A template that fails becomes a text that
 * says so: it never stops the alert.
 */
export async function expandRuleTemplate(
  name: string,
  text: string,
  data: TemplateData,
  query: TemplateQuery,
): Promise<string> {
  if (!text.includes('{{')) return text;
  const answers = new Map<string, readonly TemplateSample[]>();
  try {
    const template = parse(name, text);
    for (;;) {
      try {
        return execute(template, data, answers);
      } catch (error) {
        if (!(error instanceof Awaited)) throw error;
        if (answers.size >= MOST_QUERIES) throw new Error(`asks more than ${MOST_QUERIES} queries`);
        answers.set(error.key, await query(error.key));
      }
    }
  } catch (error) {
    return `<error expanding template: ${(error as Error).message}>`;
  }
}

function execute(
  template: ParsedTemplate,
  data: TemplateData,
  answers: ReadonlyMap<string, readonly TemplateSample[]>,
): string {
  const { labels, externalLabels, externalUrl, value, now } = data;
  const values: Record<string, Value> = {
    Labels: new Map(Object.entries(labels)),
    ExternalLabels: new Map(Object.entries(externalLabels)),
    ExternalURL: externalUrl,
    Value: value,
  };
  let callTemplate: (name: string, given: Value) => string = () => '';
  return executeGoTemplate(template, new Struct('struct', values), {
    functions: templateFunctions({
      externalUrl,
      now,
      answers,
      callTemplate: (name, given) => callTemplate(name, given),
    }),
    variables: new Map([
      ['$labels', values.Labels!],
      ['$externalLabels', values.ExternalLabels!],
      ['$externalURL', values.ExternalURL!],
      ['$value', value],
    ]),
    onReady: (call) => {
      callTemplate = call;
    },
  });
}
