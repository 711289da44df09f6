import { parseDuration } from '../../../server/src/lib/duration.ts';

export type ScriptCommand = { readonly kind: 'clear' } | LoadCommand | Evaluation;

export interface LoadCommand {
  readonly kind: 'load';
  /** Milliseconds. */
  readonly step: number;
  /** Native histograms are to be made of the classic ones. */
  readonly withCustomBuckets: boolean;
  readonly lines: string[];
}

export interface Evaluation {
  readonly kind: 'eval';
  /** `file:line` in the original file, stable over any choice of cases. */
  readonly id: string;
  readonly query: string;
  readonly start: number;
  readonly end: number;
  /** 0 for an instant query. */
  readonly step: number;
  readonly mustFail: boolean;
  readonly lines: string[];
}

const EVAL_INSTANT = /^(eval\w*)\s+instant\s+(?:at\s+(\S+))?\s+(.+)$/is;
const EVAL_RANGE = /^(eval\w*)\s+range\s+from\s+(.+)\s+to\s+(.+)\s+step\s+(\S+?)\s+(.+)$/is;

/** The commands of a script; a line with `#` first, or nothing, ends a block. */
export function parseScript(file: string, text: string): ScriptCommand[] {
  const commands: ScriptCommand[] = [];
  let block: string[] | undefined;
  let upstreamLine = '';
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) {
      upstreamLine = /^# \[upstream line (\d+)\]/.exec(line)?.[1] ?? (line === '' ? upstreamLine : '');
      block = undefined;
    } else if (block) {
      block.push(line);
    } else {
      const command = parseCommand(line, `${file}:${upstreamLine || `here-${index + 1}`}`);
      commands.push(command);
      block = command.kind === 'clear' ? undefined : command.lines;
    }
  }
  return commands;
}

function parseCommand(line: string, id: string): ScriptCommand {
  if (/^clear$/i.test(line)) return { kind: 'clear' };
  const load = /^(load|load_with_nhcb)\s+(\S+)$/i.exec(line);
  if (load) {
    const withCustomBuckets = load[1]!.toLowerCase() === 'load_with_nhcb';
    return { kind: 'load', step: duration(load[2]!), withCustomBuckets, lines: [] };
  }
  const instant = EVAL_INSTANT.exec(line);
  if (instant) {
    const at = duration(instant[2] ?? '0');
    return evaluation(id, instant[1]!, instant[3]!, at, at, 0);
  }
  const range = EVAL_RANGE.exec(line);
  if (!range) throw new Error(`unknown command: ${line}`);
  return evaluation(id, range[1]!, range[5]!, duration(range[2]!), duration(range[3]!), duration(range[4]!));
}

function evaluation(id: string, word: string, query: string, start: number, end: number, step: number): Evaluation {
  return { kind: 'eval', id, query, start, end, step, mustFail: word.toLowerCase() === 'eval_fail', lines: [] };
}

export function duration(text: string): number {
  const parsed = parseDuration(text) ?? (/^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : undefined);
  if (parsed === undefined) throw new Error(`not a duration: ${text}`);
  return parsed;
}
