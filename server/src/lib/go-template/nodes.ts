/** The parts of a template of Go's text/template. https://pkg.go.dev/text/template */
export type Node =
  | { readonly kind: 'text'; readonly text: string }
  /** The value of a pipeline, printed unless it declares or sets a variable. */
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | { readonly kind: 'if'; readonly pipeline: Pipeline; readonly body: Node[]; readonly otherwise: Node[] }
  | { readonly kind: 'with'; readonly pipeline: Pipeline; readonly body: Node[]; readonly otherwise: Node[] }
  | { readonly kind: 'range'; readonly pipeline: Pipeline; readonly body: Node[]; readonly otherwise: Node[] }
  | { readonly kind: 'template'; readonly name: string; readonly pipeline: Pipeline | undefined; readonly line: number }
  | { readonly kind: 'break' }
  | { readonly kind: 'continue' };

export interface Pipeline {
  /** Names with their `$`. */
  readonly variables: readonly string[];
  /** True for `=`, false for `:=`. */
  readonly isAssignment: boolean;
  /** Each gets the value of the one before as its last argument. */
  readonly commands: readonly Command[];
  readonly line: number;
}

/** The first operand is a function or a value; the others are its arguments. */
export type Command = readonly [Operand, ...Operand[]];

export type Operand =
  | { readonly kind: 'dot' }
  | { readonly kind: 'nil' }
  | { readonly kind: 'constant'; readonly value: string | number | bigint | boolean }
  | { readonly kind: 'function'; readonly name: string }
  /** `.a.b` of the dot. */
  | { readonly kind: 'field'; readonly names: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly names: readonly string[] }
  /** `(pipeline).a.b`. */
  | { readonly kind: 'chain'; readonly pipeline: Pipeline; readonly names: readonly string[] };

/** A text that was parsed: what it prints, and the templates that it defines. */
export interface ParsedTemplate {
  readonly name: string;
  readonly body: readonly Node[];
  readonly defined: ReadonlyMap<string, readonly Node[]>;
}

/** Where a template is wrong, or what went wrong when it ran. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}
