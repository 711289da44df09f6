import { constantOf, cutTemplate, type Piece, type Token } from './lexer.ts';
import { type Command, type Node, type Operand, type ParsedTemplate, type Pipeline, TemplateError } from './nodes.ts';

export interface ParseOptions {
  /** Names of the functions that the template may call. */
  readonly functions: ReadonlySet<string>;
  /** Variables that are there from the start, with their `$`; `$` itself always is. */
  readonly variables?: readonly string[];
}

/** Most actions within actions. */
const MOST_NESTED = 100;
const KEYWORDS: ReadonlySet<string> = new Set([
  ...['if', 'with', 'range', 'else', 'end', 'define', 'block', 'template', 'break', 'continue'],
]);

/** Parses a template. Throws `TemplateError` with the line, and what is wrong there. */
export function parseGoTemplate(name: string, source: string, options: ParseOptions): ParsedTemplate {
  return new Parser(name, cutTemplate(name, source), options).parse();
}

/** What ended a list of nodes. */
interface Ending {
  readonly word: 'end' | 'else' | 'eof';
  readonly tokens: readonly Token[];
  readonly line: number;
}

class Parser {
  readonly #name: string;
  readonly #pieces: readonly Piece[];
  readonly #functions: ReadonlySet<string>;
  readonly #defined = new Map<string, readonly Node[]>();
  #variables: string[];
  #at = 0;
  #depth = 0;
  #loops = 0;

  constructor(name: string, pieces: readonly Piece[], options: ParseOptions) {
    this.#name = name;
    this.#pieces = pieces;
    this.#functions = options.functions;
    this.#variables = ['$', ...(options.variables ?? [])];
  }

  parse(): ParsedTemplate {
    const { nodes, ending } = this.#list();
    if (ending.word !== 'eof') throw this.#error(ending.line, `unexpected {{${ending.word}}}`);
    return { name: this.#name, body: nodes, defined: this.#defined };
  }

  #error(line: number, message: string): TemplateError {
    return new TemplateError(`template: ${this.#name}:${line}: ${message}`);
  }

  #list(): { nodes: Node[]; ending: Ending } {
    if (++this.#depth > MOST_NESTED) throw this.#error(1, `nested deeper than ${MOST_NESTED} levels`);
    const nodes: Node[] = [];
    let ending: Ending = { word: 'eof', tokens: [], line: 0 };
    while (this.#at < this.#pieces.length) {
      const piece = this.#pieces[this.#at++]!;
      if (piece.kind === 'text') {
        nodes.push(piece);
        continue;
      }
      const word = piece.tokens[0]?.kind === 'word' ? piece.tokens[0].text : '';
      if (word === 'end' || word === 'else') {
        ending = { word, tokens: piece.tokens.slice(1), line: piece.line };
        break;
      }
      const node = this.#action(word, piece.tokens, piece.line);
      if (node) nodes.push(node);
    }
    this.#depth--;
    return { nodes, ending };
  }

  #action(word: string, tokens: readonly Token[], line: number): Node | undefined {
    if (tokens.length === 0) throw this.#error(line, 'missing value for command');
    switch (word) {
      case 'if':
      case 'with':
      case 'range':
        return this.#control(word, tokens.slice(1), line);
      case 'define':
        this.#define(tokens, line);
        return undefined;
      case 'block':
      case 'template':
        return this.#call(word, tokens, line);
      case 'break':
      case 'continue':
        if (tokens.length > 1) throw this.#error(line, `unexpected ${tokens[1]!.text} in {{${word}}}`);
        if (this.#loops === 0) throw this.#error(line, `{{${word}}} outside {{range}}`);
        return { kind: word };
      default:
        return { kind: 'action', pipeline: this.#pipeline(new Tokens(tokens), line, 'command') };
    }
  }

  #control(kind: 'if' | 'with' | 'range', tokens: readonly Token[], line: number): Node {
    const outer = this.#variables.length;
    const pipeline = this.#pipeline(new Tokens(tokens), line, kind);
    if (kind === 'range') this.#loops++;
    const { nodes: body, ending } = this.#list();
    if (kind === 'range') this.#loops--;
    let otherwise: Node[] = [];
    if (ending.word === 'else') otherwise = this.#otherwise(kind, ending);
    else if (ending.word === 'eof') throw this.#error(line, 'unexpected EOF: {{end}} is missing');
    this.#variables.length = outer;
    return { kind, pipeline, body, otherwise };
  }

  /** `{{else}} ... {{end}}`, or `{{else if ...}}`, which shares the end of what it belongs to. */
  #otherwise(kind: string, { tokens, line }: Ending): Node[] {
    const word = tokens[0]?.text;
    if (word === 'if' || (word === 'with' && kind === 'with')) return [this.#control(word, tokens.slice(1), line)];
    if (tokens.length > 0) throw this.#error(line, `unexpected ${word} in {{else}}`);
    const { nodes, ending } = this.#list();
    if (ending.word === 'eof') throw this.#error(line, 'unexpected EOF: {{end}} is missing');
    if (ending.word === 'else') throw this.#error(ending.line, 'expected end; found {{else}}');
    return nodes;
  }

  #define(tokens: readonly Token[], line: number): void {
    if (this.#depth > 1) throw this.#error(line, 'unexpected {{define}}');
    this.#body(this.#nameIn(tokens, line, 'define'), line);
    if (tokens.length > 2) throw this.#error(line, `unexpected ${tokens[2]!.text} in define clause`);
  }

  /** Variables of the outside are not seen in a template of its own. */
  #body(name: string, line: number): void {
    const variables = this.#variables;
    this.#variables = ['$'];
    const { nodes, ending } = this.#list();
    this.#variables = variables;
    if (ending.word !== 'end') throw this.#error(line, 'unexpected EOF: {{end}} is missing');
    this.#defined.set(name, nodes);
  }

  #nameIn(tokens: readonly Token[], line: number, clause: string): string {
    const name = tokens[1]?.kind === 'string' ? constantOf(tokens[1]) : undefined;
    if (typeof name !== 'string') throw this.#error(line, `missing name in ${clause} clause`);
    return name;
  }

  #call(word: 'block' | 'template', tokens: readonly Token[], line: number): Node {
    const name = this.#nameIn(tokens, line, word);
    const rest = tokens.slice(2);
    if (word === 'block' && rest.length === 0) throw this.#error(line, 'missing value for block clause');
    const pipeline = rest.length === 0 ? undefined : this.#pipeline(new Tokens(rest), line, word);
    if (word === 'block') this.#body(name, line);
    return { kind: 'template', name, pipeline, line };
  }

  #pipeline(tokens: Tokens, line: number, context: string): Pipeline {
    const { variables, isAssignment } = this.#declaration(tokens, line, context);
    const commands: Command[] = [];
    for (;;) {
      commands.push(this.#command(tokens, line, context, commands.length > 0));
      const next = tokens.peek();
      if (next?.text !== '|') break;
      tokens.take();
    }
    const rest = tokens.peek();
    if (rest && rest.text !== ')') throw this.#error(line, `unexpected ${rest.text} in ${context}`);
    if (!isAssignment) this.#variables.push(...variables);
    return { variables, isAssignment, commands, line };
  }

  #declaration(tokens: Tokens, line: number, context: string): { variables: string[]; isAssignment: boolean } {
    const [first, second, third, fourth] = tokens.ahead(4);
    const isSet = (token: Token | undefined) => token?.text === ':=' || token?.text === '=';
    const variables: string[] = [];
    let operator: Token | undefined;
    if (first?.kind === 'variable' && isSet(second)) {
      variables.push(first.text);
      operator = second;
    } else if (
      context === 'range' &&
      first?.kind === 'variable' &&
      second?.text === ',' &&
      third?.kind === 'variable'
    ) {
      if (!isSet(fourth)) throw this.#error(line, `range can only initialize variables`);
      variables.push(first.text, third.text);
      operator = fourth;
    }
    if (!operator) return { variables, isAssignment: false };
    tokens.skip(variables.length * 2);
    const isAssignment = operator.text === '=';
    if (isAssignment) for (const name of variables) this.#checkVariable(name, line);
    return { variables, isAssignment };
  }

  #checkVariable(name: string, line: number): void {
    if (!this.#variables.includes(name)) throw this.#error(line, `undefined variable "${name}"`);
  }

  #command(tokens: Tokens, line: number, context: string, isPiped: boolean): Command {
    const operands: Operand[] = [];
    for (;;) {
      const next = tokens.peek();
      if (!next || next.text === '|' || next.text === ')') break;
      operands.push(this.#operand(tokens, line, context));
    }
    const [first, ...rest] = operands;
    if (!first) throw this.#error(line, `missing value for ${context}`);
    if (isPiped && ['constant', 'nil', 'dot'].includes(first.kind)) {
      throw this.#error(line, 'non executable command in pipeline stage 2');
    }
    return [first, ...rest];
  }

  #operand(tokens: Tokens, line: number, context: string): Operand {
    const token = tokens.take()!;
    switch (token.kind) {
      case 'string':
      case 'number':
      case 'char': {
        const value = constantOf(token);
        if (value === undefined) throw this.#error(line, `invalid syntax: ${token.text}`);
        return { kind: 'constant', value };
      }
      case 'field':
        return { kind: 'field', names: [token.text.slice(1), ...tokens.fields()] };
      case 'variable':
        this.#checkVariable(token.text, line);
        return { kind: 'variable', name: token.text, names: tokens.fields() };
      case 'word':
        return this.#word(token, line);
      default:
        if (token.text === '(') return this.#parenthesis(tokens, line);
        if (token.text === '.') return { kind: 'dot' };
        throw this.#error(line, `unexpected "${token.text}" in ${context}`);
    }
  }

  #word({ text }: Token, line: number): Operand {
    if (text === 'true' || text === 'false') return { kind: 'constant', value: text === 'true' };
    if (text === 'nil') return { kind: 'nil' };
    if (KEYWORDS.has(text)) throw this.#error(line, `unexpected <${text}> in command`);
    if (!this.#functions.has(text)) throw this.#error(line, `function "${text}" not defined`);
    return { kind: 'function', name: text };
  }

  #parenthesis(tokens: Tokens, line: number): Operand {
    if (++this.#depth > MOST_NESTED) throw this.#error(line, `nested deeper than ${MOST_NESTED} levels`);
    const pipeline = this.#pipeline(tokens, line, 'parenthesized pipeline');
    if (tokens.take()?.text !== ')') throw this.#error(line, 'unclosed left paren');
    this.#depth--;
    return { kind: 'chain', pipeline, names: tokens.fields() };
  }
}

class Tokens {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(): Token | undefined {
    return this.#tokens[this.#at];
  }

  ahead(count: number): readonly (Token | undefined)[] {
    return this.#tokens.slice(this.#at, this.#at + count);
  }

  take(): Token | undefined {
    return this.#tokens[this.#at++];
  }

  skip(count: number): void {
    this.#at += count;
  }

  /** Fields that follow without white space between. */
  fields(): string[] {
    const names: string[] = [];
    for (let next = this.peek(); next?.kind === 'field' && !next.isSpaced; next = this.peek()) {
      names.push(next.text.slice(1));
      this.#at++;
    }
    return names;
  }
}
