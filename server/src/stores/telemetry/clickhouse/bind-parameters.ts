/** One token of SQL that matters here: strings, quoted names and comments are passed over, `{name:Type}` is found. */
const TOKEN =
  /'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.|``)*`|"(?:[^"\\]|\\.|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\{([A-Za-z_]\w*):([^{}]+)\}/g;

/**
 * The SQL with every `{name:Type}` replaced by the parameter's value as a literal of that type. Done here and not by
 * the engine: the embedded one keeps parameters in one place for all sessions, so that two parametrised queries at a
 * time see each other's values or bring the process down.
 */
export function bindParameters(sql: string, parameters: Readonly<Record<string, unknown>> = {}): string {
  return sql.replace(TOKEN, (token, name: string | undefined, type: string | undefined) => {
    if (name === undefined) return token;
    if (!Object.hasOwn(parameters, name)) throw new Error(`the SQL names a parameter that is not given: ${name}`);
    return literal(parameters[name], type!.trim());
  });
}

function literal(value: unknown, type: string): string {
  if (type === 'Identifier') return quoteIdentifier(String(value));
  if (type === 'String' && typeof value === 'string') return quoteString(value);
  if (/^U?Int(8|16|32|64)$/.test(type) && /^-?\d+$/.test(String(value))) return `CAST(${String(value)}, '${type}')`;
  return `CAST(${plain(value)}, ${quoteString(type)})`;
}

function plain(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'string') return quoteString(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : quoteString(String(value));
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (Array.isArray(value)) return `[${value.map(plain).join(', ')}]`;
  throw new Error(`a parameter of the type ${typeof value} cannot be written as SQL`);
}

/** A ClickHouse string literal. */
export function quoteString(text: string): string {
  return `'${text.replace(/[\\'\0\n\r]/g, (character) => ESCAPES[character]!)}'`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '\0': '\\0',
  '\n': '\\n',
  '\r': '\\r',
};

/** A ClickHouse identifier in backquotes. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&')}\``;
}
