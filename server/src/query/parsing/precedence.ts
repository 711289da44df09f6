/** An infix operator at the reading position. A higher precedence binds tighter. */
export interface InfixOperator {
  readonly precedence: number;
  readonly rightAssociative: boolean;
}

export interface InfixGrammar<Operand, Operator extends InfixOperator> {
  /** Reads one operand with its prefix and postfix operators. */
  operand(): Operand;
  /** The operator at the reading position, not taken yet; `undefined` where the expression ends. */
  peekOperator(): Operator | undefined;
  /** Takes the operator with everything that belongs to it (modifiers), and gives what builds the expression. */
  takeOperator(operator: Operator): (left: Operand, right: Operand) => Operand;
}

/** Precedence climbing (the infix half of a Pratt parser): all operators of at least `minimum` are taken. */
export function parseInfix<Operand, Operator extends InfixOperator>(
  grammar: InfixGrammar<Operand, Operator>,
  minimum = 0,
): Operand {
  let left = grammar.operand();
  for (;;) {
    const operator = grammar.peekOperator();
    if (!operator || operator.precedence < minimum) return left;
    const build = grammar.takeOperator(operator);
    left = build(left, parseInfix(grammar, operator.rightAssociative ? operator.precedence : operator.precedence + 1));
  }
}
