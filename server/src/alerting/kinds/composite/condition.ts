/** A boolean expression over alerts. */
export type AlertExpression =
  | { readonly kind: 'alert'; readonly text: string }
  | { readonly kind: 'not'; readonly operand: AlertExpression }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly AlertExpression[] };

export interface CompositeCondition {
  readonly kind: 'alerts';
  readonly query: string;
  readonly expression: AlertExpression;
  /** What the expression calls an alert, and its id: a name that changes later changes nothing. */
  readonly members: Readonly<Record<string, string>>;
  readonly comparison: null;
}
