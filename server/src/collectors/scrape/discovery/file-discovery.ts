import { type FSWatcher, watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { ConfigMap } from '../../../lib/config-map.ts';
import type { Clock, Timer } from '../../../model/clock.ts';
import type { Issue } from '../../../model/errors.ts';
import type { Logger } from '../../../model/logger.ts';
import type { Discovery } from './discovery.ts';
import { RefreshingDiscovery } from './refreshing-discovery.ts';
import { readTargetGroup, type TargetGroup } from './target-group.ts';

export interface FileDiscoveryOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly name: string;
  readonly files: readonly string[];
  readonly refreshMs: number;
  /** Where relative names begin. */
  readonly directory: string;
}

/** Editors write a file in several steps. */
const SETTLE_MS = 100;
const MOST_BYTES = 16 * 1024 * 1024;

/** Targets of files in JSON or YAML, read when they change and at an interval. A broken file keeps what it had before. */
export class FileDiscovery implements Discovery {
  readonly #options: FileDiscoveryOptions;
  readonly #refreshing: RefreshingDiscovery;
  readonly #watchers: FSWatcher[] = [];
  /** Groups of each file as it was read last without a mistake. */
  #good = new Map<string, readonly TargetGroup[]>();
  readonly #problems = new Map<string, string>();
  #settling: Timer | undefined;

  constructor(options: FileDiscoveryOptions) {
    this.#options = options;
    this.#refreshing = new RefreshingDiscovery({ ...options, refresh: () => this.#readAll() });
  }

  start(onGroups: (groups: readonly TargetGroup[]) => void): void {
    const folders = new Set(this.#options.files.map((file) => dirname(resolve(this.#options.directory, file))));
    for (const folder of folders) this.#watch(folder);
    this.#refreshing.start(onGroups);
  }

  async stop(): Promise<void> {
    this.#settling?.cancel();
    for (const watcher of this.#watchers) watcher.close();
    await this.#refreshing.stop();
  }

  /** A folder that is not there yet is looked into at the interval. */
  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => {
        this.#settling?.cancel();
        this.#settling = this.#options.clock.setTimer(SETTLE_MS, () => this.#refreshing.refreshNow());
      });
      watcher.on('error', () => watcher.close());
      this.#watchers.push(watcher);
    } catch (error) {
      const { logger, name } = this.#options;
      logger.warn({ discovery: name, folder, reason: (error as Error).message }, 'a folder of targets is not watched');
    }
  }

  async #readAll(): Promise<TargetGroup[]> {
    const { files, directory } = this.#options;
    const paths = new Set((await Promise.all(files.map((file) => expand(resolve(directory, file))))).flat());
    const good = new Map<string, readonly TargetGroup[]>();
    for (const path of [...paths].sort()) {
      const groups = (await this.#readFile(path)) ?? this.#good.get(path);
      if (groups) good.set(path, groups);
    }
    this.#good = good;
    return [...good.values()].flat();
  }

  async #readFile(path: string): Promise<TargetGroup[] | undefined> {
    try {
      const text = await readFile(path, 'utf8');
      if (text.length > MOST_BYTES) throw new Error(`the file is larger than ${MOST_BYTES} bytes`);
      const content: unknown = /\.json$/i.test(path) ? JSON.parse(text) : parseYaml(text);
      const groups = readTargetGroups(content ?? [], { __meta_filepath: path });
      this.#problems.delete(path);
      return groups;
    } catch (error) {
      const reason = (error as Error).message;
      const { logger, name } = this.#options;
      if (this.#problems.get(path) !== reason) {
        logger.warn({ discovery: name, file: path, reason }, 'a file of targets cannot be read; what it had is kept');
      }
      this.#problems.set(path, reason);
      return undefined;
    }
  }
}

/** A list of target groups as files and HTTP servers give it. Throws naming every mistake. */
export function readTargetGroups(content: unknown, meta: Record<string, string>): TargetGroup[] {
  const problems: Issue[] = [];
  const list = new ConfigMap({ groups: content }, '', problems);
  const groups = (list.maps('groups') ?? []).map((map) => readTargetGroup(map, meta));
  if (problems.length > 0) throw new Error(problems.map(({ path, message }) => `${path}: ${message}`).join('; '));
  return groups;
}

/** The files that a name with `*` in its last part means. */
async function expand(path: string): Promise<string[]> {
  const pattern = basename(path);
  if (!pattern.includes('*')) return [path];
  const [before = '', after = ''] = pattern.split('*');
  const names = await readdir(dirname(path)).catch(() => []);
  return names
    .filter((name) => name.length >= pattern.length - 1 && name.startsWith(before) && name.endsWith(after))
    .map((name) => resolve(dirname(path), name));
}
