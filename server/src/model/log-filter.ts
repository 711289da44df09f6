/**
 * How a text is compared: whole words, an exact phrase, with `*` for anything, or as an RE2 expression. In a wildcard
 * text a backslash takes the next character as it is (`\\*` is a star). What each means in a message stands in
 * `text-pattern.ts`.
 */
export type TextMatch = 'word' | 'phrase' | 'wildcard' | 'regex';

/** What the log search language says, parsed: made by `query/search`, turned into SQL by the log store. */
export type LogFilter =
  | { readonly kind: 'and' | 'or'; readonly operands: readonly LogFilter[] }
  | { readonly kind: 'not'; readonly operand: LogFilter }
  | { readonly kind: 'text'; readonly text: string; readonly match: TextMatch }
  | {
      readonly kind: 'field';
      /**
       * `service`, `environment`, `level`, `trace_id`, `span_id`, `message`, or the key of an attribute (of record or
       * resource). A level's value is one of `LOG_LEVELS` or `unknown`; with `<` and `>` every other value is a number.
       */
      readonly field: string;
      readonly operator: '=' | '>' | '>=' | '<' | '<=';
      readonly value: string;
      readonly match: TextMatch;
    };
