import { invalid } from '../../../model/errors.ts';

const TOKEN =
  /'(?:[^'\\]|\\[\s\S]|'')*'|`(?:[^`\\]|\\[\s\S]|``)*`|"(?:[^"\\]|\\[\s\S]|"")*"|--[^\n]*|#[ !][^\n]*|\/\*[\s\S]*?\*\/|[A-Za-z_]\w*|\d[\w.]*|\s+|[\s\S]/g;

const FIRST_WORDS = ['select', 'with', 'show', 'describe', 'desc', 'explain', 'exists'];

/**
 * What the engine would do even in a session that is `readonly`: functions that read the machine's files or call other
 * hosts, a table that sends signals to every thread of the process, and clauses that write files. (Table functions such
 * as `url()` it refuses itself.)
 */
const REFUSED_FUNCTIONS: ReadonlySet<string> = new Set(['file', 'hascolumnintable', 'catboostevaluate']);
const REFUSED_TABLES: ReadonlySet<string> = new Set(['stack_trace']);
const REFUSED_CLAUSES: ReadonlyMap<string, string> = new Map([
  ['outfile', 'INTO OUTFILE is not allowed: the answer comes back over HTTP'],
  ['format', 'leave out FORMAT: the answer is always columns and rows'],
  ['settings', 'leave out SETTINGS: the limits of SQL are fixed'],
]);

/**
 * The user's SQL without a final semicolon. Throws `ServiceError('invalid')` where it is not one single reading
 * statement. The engine's session is `readonly` besides; this is what that does not cover.
 */
export function checkUserSql(sql: string): string {
  const tokens = meaningfulTokens(sql);
  const first = tokens.find((token) => token !== '(')?.toLowerCase();
  if (first === undefined) throw wrong('is empty');
  if (!FIRST_WORDS.includes(first))
    throw wrong('SQL may only read here: begin with SELECT, WITH, SHOW, DESCRIBE or EXPLAIN');
  const semicolon = tokens.indexOf(';');
  if (semicolon >= 0 && tokens.slice(semicolon).some((token) => token !== ';')) throw wrong('give one statement only');
  for (const [index, token] of tokens.entries()) checkToken(token, tokens, index);
  return sql.replace(/[\s;]+$/, '');
}

function meaningfulTokens(sql: string): string[] {
  const tokens: string[] = [];
  for (const [token] of sql.matchAll(TOKEN)) {
    if (/^\s|^--|^#[ !]|^\/\*./.test(token)) continue;
    if (/^['"`]$/.test(token)) throw wrong('has a quote that is not closed');
    // Other ways to quote, which the engine knows: what stands in them would go unseen here.
    if (/^[$‘’“”]$/.test(token)) throw wrong('write strings in single quotes and names in double quotes');
    tokens.push(token);
  }
  return tokens;
}

function checkToken(token: string, tokens: readonly string[], index: number): void {
  const name = unquote(token).toLowerCase();
  if (tokens[index + 1] === '(' && REFUSED_FUNCTIONS.has(name)) throw wrong(`the function ${name} is not allowed here`);
  if (REFUSED_TABLES.has(name)) throw wrong(`the table ${name} is not allowed here`);
  const reason = REFUSED_CLAUSES.get(token.toLowerCase());
  if (reason && isClause(tokens, index)) throw wrong(reason);
}

/** A word that opens a clause: not a column (`t.format`), not a function (`format(...)`), not a name given by AS. */
function isClause(tokens: readonly string[], index: number): boolean {
  const before = tokens[index - 1]?.toLowerCase();
  const after = tokens[index + 1];
  return after !== undefined && /^[A-Za-z_'`"]/.test(after) && before !== '.' && before !== 'as';
}

function unquote(token: string): string {
  return /^[`"]/.test(token)
    ? token.slice(1, -1).replace(/\\(.)|``|""/g, (match, escaped) => escaped ?? match[0])
    : token;
}

function wrong(message: string) {
  return invalid({ path: 'query', message });
}
