import { type LogLevel, type LogRecord, lowestSeverityNumber } from '../model/log-record.ts';
import { severityNumberOfText } from '../model/severity-text.ts';
import type { Stage } from './stage.ts';

/** Characters of a body that are looked at: levels stand at the beginning of a line. */
const LOOKED_AT = 256;
const JSON_LOOKED_AT = 16 * 1024;
const LEVEL_KEYS = ['level', 'severity', 'loglevel', 'lvl', 'log.level', 'severity_text'];

/**
 * Words in falling order of gravity: a line that speaks of an error while it debugs is an error. Whole words in their
 * usual forms only, since `backtraced`, `trace_id` and `x-error-count` say nothing about the line.
 */
const WORDS: readonly (readonly [RegExp, LogLevel])[] = [
  [wholeWord('fatal|panic(?:ked)?|emerg(?:ency)?|crit(?:ical)?|alert(?:s|ed|ing)?'), 'fatal'],
  [wholeWord('err|error(?:s|ed)?'), 'error'],
  [wholeWord('warn(?:ings?|ed)?'), 'warn'],
  [wholeWord('info|information(?:al)?|noticed?'), 'info'],
  [wholeWord('dbg|debug(?:ging|ged)?'), 'debug'],
  [wholeWord('trac(?:e|ed|ing)'), 'trace'],
];

function wholeWord(forms: string): RegExp {
  return new RegExp(`(?<![\\w-])(?:${forms})(?![\\w-])`, 'i');
}

/**
 * Gives a severity number to records that came without: from their severity text, from the level field of a JSON
 * body, from a level word at the beginning of the text. What the sender said is never changed.
 */
export const inferSeverity: Stage<LogRecord> = () => (record) => {
  if (record.severityNumber !== 0) return record;
  const severityNumber = infer(record);
  return severityNumber === undefined ? record : { ...record, severityNumber };
};

function infer(record: LogRecord): number | undefined {
  if (record.severityText !== '') return severityNumberOfText(record.severityText);
  const { body } = record;
  if (body.startsWith('{') && body.endsWith('}') && body.length <= JSON_LOOKED_AT) {
    const fields = parseObject(body);
    if (fields) return inferFromFields(fields) ?? inferFromMessage(fields);
  }
  return inferFromText(body);
}

function inferFromText(text: string): number | undefined {
  const beginning = text.slice(0, LOOKED_AT);
  const level = WORDS.find(([pattern]) => pattern.test(beginning))?.[1];
  return level && lowestSeverityNumber(level);
}

/** The message alone: a key such as `error` says nothing when its value is null. */
function inferFromMessage(fields: Record<string, unknown>): number | undefined {
  const message = fields.message ?? fields.msg;
  return typeof message === 'string' ? inferFromText(message) : undefined;
}

function parseObject(body: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(body) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function inferFromFields(fields: Record<string, unknown>): number | undefined {
  for (const [key, value] of Object.entries(fields)) {
    const name = key.toLowerCase();
    if (name === 'log' && typeof value === 'object' && value !== null) {
      const found = inferFromFields(value as Record<string, unknown>);
      if (found !== undefined) return found;
    }
    if (typeof value === 'string' && LEVEL_KEYS.includes(name)) {
      const found = severityNumberOfText(value);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
