import { globSync, readFileSync } from 'node:fs';
import type { ConfigMap } from '../../lib/config-map.ts';
import type { Labels } from '../../model/labels.ts';
import { parseRuleFile } from './parse-rule-file.ts';
import type { RuleGroup } from './rule-file.ts';

export interface LoadedRuleFile {
  /** Path, or the name under which it was imported. */
  readonly name: string;
  readonly groups: readonly RuleGroup[];
}

/** The rule files that the configuration names, with what `global` says of rules. */
export interface ConfiguredRules {
  readonly files: readonly LoadedRuleFile[];
  /** Of groups that name none, milliseconds. */
  readonly intervalMs: number;
  readonly queryOffsetMs: number;
  readonly externalLabels: Labels;
}

const DEFAULT_INTERVAL_MS = 60_000;

/**
 * Reads `rule_files` (paths and patterns, relative to the working directory) and `global`, in Prometheus' words. Every
 * mistake in a file goes to the problems of the configuration, with its line.
 */
export function readRuleFiles(file: ConfigMap): ConfiguredRules {
  const global = file.map('global');
  const intervalMs = global?.duration('evaluation_interval') ?? DEFAULT_INTERVAL_MS;
  return {
    files: (file.texts('rule_files') ?? []).flatMap((pattern) => readPattern(pattern, file)),
    intervalMs,
    queryOffsetMs: global?.duration('rule_query_offset') ?? 0,
    externalLabels: global?.textMap('external_labels') ?? {},
  };
}

/** A pattern that matches nothing is no mistake, as for Prometheus; a path that is not there is one. */
function readPattern(pattern: string, file: ConfigMap): LoadedRuleFile[] {
  const paths = globSync(pattern).sort();
  if (paths.length === 0 && !/[*?[{]/.test(pattern)) file.fail('rule_files', `there is no file ${pattern}`);
  return paths.flatMap((path) => {
    const source = readText(path);
    if (source === undefined) return file.fail('rule_files', `${path} cannot be read`) ?? [];
    const parsed = parseRuleFile(source);
    for (const { line, column, message } of parsed.problems) {
      file.fail('rule_files', `${path}:${line}:${column}: ${message}`);
    }
    return [{ name: path, groups: parsed.file.groups }];
  });
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
