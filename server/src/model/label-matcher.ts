/** One condition of a PromQL selector. Regular expressions are RE2, anchored at both ends; a missing label is `''`. */
export interface LabelMatcher {
  readonly name: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}
