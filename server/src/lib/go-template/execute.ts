import { BUILTINS, type TemplateFunction } from './builtins.ts';
import { type Command, type Node, type Operand, type ParsedTemplate, type Pipeline, TemplateError } from './nodes.ts';
import { isList, isMap, isTrue, Struct, show, typeName, type Value } from './values.ts';

export interface ExecuteOptions {
  /** Beside the built-in ones. */
  readonly functions: ReadonlyMap<string, TemplateFunction>;
  /** Values of the variables that are there from the start, with their `$`. */
  readonly variables?: ReadonlyMap<string, Value>;
  /** What functions may ask for: other templates that the text defines. */
  readonly onReady?: (call: (name: string, data: Value) => string) => void;
}

const MOST_STEPS = 200_000;
const MOST_OUTPUT = 1024 * 1024;
const MOST_CALLS = 100;

/**
 * Runs a template over `data`. Throws `TemplateError` with the template's name and line where something does not fit,
 * and where the run takes too many steps or prints too much; what functions throw becomes such an error.
 */
export function executeGoTemplate(template: ParsedTemplate, data: Value, options: ExecuteOptions): string {
  return new Execution(template, data, options).run();
}

/** What leaves a loop. */
type Leaving = 'break' | 'continue' | undefined;

class Execution {
  readonly #template: ParsedTemplate;
  readonly #data: Value;
  readonly #functions: ReadonlyMap<string, TemplateFunction>;
  #variables: { readonly name: string; value: Value }[];
  #output: string[] = [];
  #printed = 0;
  #steps = 0;
  #calls = 0;
  #line = 1;

  constructor(template: ParsedTemplate, data: Value, options: ExecuteOptions) {
    this.#template = template;
    this.#data = data;
    this.#functions = options.functions;
    this.#variables = [{ name: '$', value: data }];
    for (const [name, value] of options.variables ?? []) this.#variables.push({ name, value });
    options.onReady?.((name, given) => this.#capture(name, given));
  }

  run(): string {
    try {
      this.#walk(this.#template.body, this.#data);
    } catch (error) {
      if (error instanceof Awaited) throw error;
      const message = (error as Error).message;
      throw new TemplateError(`template: ${this.#template.name}:${this.#line}: ${message}`, { cause: error });
    }
    return this.#output.join('');
  }

  #step(): void {
    if (++this.#steps > MOST_STEPS) throw new TemplateError(`takes more than ${MOST_STEPS} steps`);
  }

  #print(text: string): void {
    this.#printed += text.length;
    if (this.#printed > MOST_OUTPUT) throw new TemplateError(`prints more than ${MOST_OUTPUT} characters`);
    this.#output.push(text);
  }

  #walk(nodes: readonly Node[], dot: Value): Leaving {
    for (const node of nodes) {
      this.#step();
      const leaving = this.#node(node, dot);
      if (leaving) return leaving;
    }
    return undefined;
  }

  #node(node: Node, dot: Value): Leaving {
    switch (node.kind) {
      case 'text':
        this.#print(node.text);
        return undefined;
      case 'action': {
        const value = this.#pipeline(node.pipeline, dot);
        if (node.pipeline.variables.length === 0) this.#print(value === null ? '<no value>' : show(value));
        return undefined;
      }
      case 'if':
      case 'with':
        return this.#scoped(() => {
          const value = this.#pipeline(node.pipeline, dot);
          if (!isTrue(value)) return this.#walk(node.otherwise, dot);
          return this.#walk(node.body, node.kind === 'with' ? value : dot);
        });
      case 'range':
        return this.#scoped(() => this.#range(node, dot));
      case 'template':
        this.#line = node.line;
        this.#call(node.name, node.pipeline ? this.#pipeline(node.pipeline, dot) : null);
        return undefined;
      default:
        return node.kind;
    }
  }

  /** Variables declared within are gone afterwards. */
  #scoped(work: () => Leaving): Leaving {
    const outer = this.#variables.length;
    const leaving = work();
    this.#variables.length = outer;
    return leaving;
  }

  #range(node: Extract<Node, { kind: 'range' }>, dot: Value): Leaving {
    const { pipeline, body, otherwise } = node;
    // The variables of a range are those of its items.
    const items = itemsOf(this.#pipeline({ ...pipeline, variables: [] }, dot));
    if (items.length === 0) return this.#walk(otherwise, dot);
    for (const [key, value] of items) {
      const [first, second] = pipeline.variables;
      const leaving = this.#scoped(() => {
        const given = second === undefined ? [value] : [key, value];
        for (const [index, name] of [first, second].entries()) {
          if (name !== undefined) this.#set(name, given[index]!, pipeline.isAssignment);
        }
        return this.#walk(body, value);
      });
      if (leaving === 'break') return undefined;
    }
    return undefined;
  }

  #capture(name: string, data: Value): string {
    const outside = this.#output;
    this.#output = [];
    try {
      this.#call(name, data);
      return this.#output.join('');
    } finally {
      this.#output = outside;
    }
  }

  #call(name: string, data: Value): void {
    const body = this.#template.defined.get(name);
    if (!body) throw new TemplateError(`template "${name}" not defined`);
    if (++this.#calls > MOST_CALLS) throw new TemplateError(`templates call each other more than ${MOST_CALLS} deep`);
    const outside = this.#variables;
    this.#variables = [{ name: '$', value: data }];
    this.#walk(body, data);
    this.#variables = outside;
    this.#calls--;
  }

  #pipeline(pipeline: Pipeline, dot: Value): Value {
    this.#line = pipeline.line;
    let value: Value | undefined;
    for (const command of pipeline.commands) value = this.#command(command, dot, value);
    for (const name of pipeline.variables) this.#set(name, value!, pipeline.isAssignment);
    return value!;
  }

  #set(name: string, value: Value, isAssignment: boolean): void {
    if (!isAssignment) {
      this.#variables.push({ name, value });
      return;
    }
    const variable = this.#variables.findLast((each) => each.name === name);
    if (!variable) throw new TemplateError(`undefined variable: ${name}`);
    variable.value = value;
  }

  /** `piped`: what the command before it gave. */
  #command([first, ...rest]: Command, dot: Value, piped: Value | undefined): Value {
    this.#step();
    if (first.kind === 'function') return this.#function(first.name, rest, dot, piped);
    const value = this.#operand(first, dot);
    if (rest.length > 0 || piped !== undefined) {
      throw new TemplateError(`can't give argument to non-function ${nameOf(first)}`);
    }
    return value;
  }

  #function(name: string, operands: readonly Operand[], dot: Value, piped: Value | undefined): Value {
    if (name === 'and' || name === 'or') return this.#logic(name, operands, dot, piped);
    const values = operands.map((operand) => this.#operand(operand, dot));
    if (piped !== undefined) values.push(piped);
    const implementation = this.#functions.get(name) ?? BUILTINS.get(name);
    if (!implementation) throw new TemplateError(`function "${name}" not defined`);
    try {
      return implementation(...values);
    } catch (error) {
      if (error instanceof Awaited) throw error;
      throw new TemplateError(`error calling ${name}: ${(error as Error).message}`, { cause: error });
    }
  }

  /** Arguments behind the one that decides are not looked at. */
  #logic(name: 'and' | 'or', operands: readonly Operand[], dot: Value, piped: Value | undefined): Value {
    let value: Value | undefined;
    for (const operand of operands) {
      value = this.#operand(operand, dot);
      if (isTrue(value) === (name === 'or')) return value;
    }
    const last = piped ?? value;
    if (last === undefined) throw new TemplateError(`wrong number of args for ${name}`);
    return last;
  }

  #operand(operand: Operand, dot: Value): Value {
    switch (operand.kind) {
      case 'dot':
        return dot;
      case 'nil':
        throw new TemplateError('nil is not a command');
      case 'constant':
        return operand.value;
      case 'field':
        return operand.names.reduce(fieldOf, dot);
      case 'variable':
        return operand.names.reduce(fieldOf, this.#variable(operand.name));
      case 'chain':
        return operand.names.reduce(fieldOf, this.#pipeline(operand.pipeline, dot));
      default:
        return this.#function(operand.name, [], dot, undefined);
    }
  }

  #variable(name: string): Value {
    const variable = this.#variables.findLast((each) => each.name === name);
    if (!variable) throw new TemplateError(`undefined variable: ${name}`);
    return variable.value;
  }
}

/** Thrown by functions whose answer comes later: whoever runs the template finds it out, and runs it again. */
export class Awaited extends Error {
  readonly key: string;

  constructor(key: string) {
    super(`${key} is not there yet`);
    this.key = key;
  }
}

function nameOf(operand: Operand): string {
  if (operand.kind === 'field') return `.${operand.names.join('.')}`;
  return operand.kind === 'variable' ? operand.name : operand.kind;
}

function fieldOf(value: Value, name: string): Value {
  if (isMap(value)) return value.get(name) ?? '';
  if (value instanceof Struct) {
    if (Object.hasOwn(value.fields, name)) return value.fields[name]!;
    throw new TemplateError(`can't evaluate field ${name} in type ${value.type}`);
  }
  if (value === null) throw new TemplateError(`nil data; no entry for key "${name}"`);
  throw new TemplateError(`can't evaluate field ${name} in type ${typeName(value)}`);
}

function itemsOf(value: Value): [key: Value, value: Value][] {
  if (isList(value)) return value.map((item, index) => [BigInt(index), item]);
  if (isMap(value)) return [...value].sort(([a], [b]) => (a < b ? -1 : 1));
  if (value === null) return [];
  if (typeof value === 'bigint' && value >= 0n && value <= 100_000n) {
    return Array.from({ length: Number(value) }, (_, index) => [BigInt(index), BigInt(index)]);
  }
  throw new TemplateError(`range can't iterate over ${show(value)}`);
}
