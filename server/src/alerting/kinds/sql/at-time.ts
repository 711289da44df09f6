/** Whose rows have a time, and the column that it is in. */
const TIMES: ReadonlyMap<string, string> = new Map([
  ['otel_logs', 'Timestamp'],
  ['otel_traces', 'Timestamp'],
  ['span_metrics', 'Timestamp'],
  ['metric_samples', 'timestamp'],
  ['metric_histograms', 'timestamp'],
  ['metric_exemplars', 'timestamp'],
]);
const TOKEN =
  /'(?:[^'\\]|\\[\s\S]|'')*'|`(?:[^`\\]|\\[\s\S])*`|"(?:[^"\\]|\\[\s\S])*"|--[^\n]*|\/\*[\s\S]*?\*\/|[A-Za-z_]\w*|\d[\w.]*|\s+|[\s\S]/g;
const SKIPPED = /^(?:\s|--|\/\*)/;
/** What may stand behind a table that has no other name. */
const CLAUSES = new Set(
  'where prewhere group order limit join inner left right full cross any all asof semi anti union having final sample array on using settings window qualify global intersect except offset fetch'.split(
    ' ',
  ),
);

/**
 * The query as it would have read at a moment of the past (Unix milliseconds): `now()` and its like are that moment, and
 * the tables of telemetry end there. `undefined` where it asks for no present time: it gives the same at any moment.
 */
export function atTime(query: string, at: number): string | undefined {
  const tokens = query.match(TOKEN) ?? [];
  const places = tokens.flatMap((token, index) => (SKIPPED.test(token) ? [] : [index]));
  const word = (place: number) => tokens[places[place] ?? -1] ?? '';
  let asksTime = false;
  for (let place = 0; place < places.length; place++) {
    const moment = momentOf(word(place), at);
    if (moment !== undefined && word(place + 1) === '(') {
      asksTime = true;
      place = replaceCall(tokens, places, place, moment);
      continue;
    }
    const column = TIMES.get(word(place).replace(/^[`"]|[`"]$/g, ''));
    if (column === undefined || !/^(?:from|join|,)$/i.test(word(place - 1)) || word(place + 1) === '.') continue;
    const name = word(place);
    const next = word(place + 1).toLowerCase();
    const isNamed = next === 'as' || (/^[a-z_`"]/.test(next) && !CLAUSES.has(next));
    const until = `fromUnixTimestamp64Milli(toInt64(${at}))`;
    const part = `(SELECT * FROM ${name} WHERE ${column} <= ${until})`;
    tokens[places[place]!] = isNamed ? part : `${part} AS ${name}`;
  }
  return asksTime ? tokens.join('') : undefined;
}

function momentOf(name: string, at: number): string | undefined {
  const seconds = Math.floor(at / 1000);
  switch (name.toLowerCase()) {
    case 'now':
    case 'current_timestamp':
      return `toDateTime(${seconds})`;
    case 'now64':
      return `fromUnixTimestamp64Milli(toInt64(${at}))`;
    case 'today':
    case 'curdate':
      return `toDate(toDateTime(${seconds}))`;
    case 'yesterday':
      return `(toDate(toDateTime(${seconds})) - 1)`;
    default:
      return undefined;
  }
}

/** Puts `moment` in the place of a call with its arguments; the place of its closing bracket. */
function replaceCall(tokens: string[], places: readonly number[], from: number, moment: string): number {
  let depth = 0;
  let place = from + 1;
  for (; place < places.length; place++) {
    const token = tokens[places[place]!];
    if (token === '(') depth++;
    if (token === ')' && --depth === 0) break;
  }
  for (let index = places[from]!; index <= (places[place] ?? tokens.length - 1); index++) tokens[index] = '';
  tokens[places[from]!] = moment;
  return place;
}
