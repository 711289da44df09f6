import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseAlertmanagerConfig } from '../../server/src/alerting/alertmanager-config/config.ts';
import { buildRouteTree, matchRoutes } from '../../server/src/alerting/routing/route-tree.ts';
import { formatDuration } from '../../server/src/lib/duration.ts';
import type { Issue } from '../../server/src/model/errors.ts';

/** Configurations of Alertmanager: which are good, why the others are not, and who hears of what. */
const suites = process.env.CONFORMANCE_DIR;
if (!suites) {
  if (process.env.CI === 'true') throw new Error('CONFORMANCE_DIR must be set with CI=true');
  process.stderr.write('SKIPPED: configurations of Alertmanager: CONFORMANCE_DIR is not set\n');
}
const root = suites && join(suites, 'alertmanager');

const read = (path: string) => readFileSync(join(root!, path), 'utf8');
const readJson = (path: string) => JSON.parse(read(path));

function load(path: string) {
  const problems: Issue[] = [];
  const config = parseAlertmanagerConfig(parse(read(path)), problems);
  return { config, problems: problems.map(({ path: at, message }) => `${at}: ${message}`) };
}

describe.skipIf(!root)('configurations of Alertmanager', () => {
  const expectations = root
    ? Object.entries(
        readJson('config/expectations.json') as Record<
          string,
          { valid: boolean; error: string | null; error_contains?: string }
        >,
      )
    : [];

  it.each(expectations)('%s', (file, { valid, error, error_contains }) => {
    const { problems } = load(`config/${file}`);
    if (valid) expect(problems).toEqual([]);
    else expect(problems.join('\n')).toContain(error ?? error_contains ?? '');
    expect(problems.length > 0).toBe(!valid);
  });

  it.each(root ? readdirSync(join(root, 'examples')) : [])('loads the example %s', (file) => {
    expect(load(`examples/${file}`).problems).toEqual([]);
  });

  it.each(root ? (readJson('routing/cases.json') as { config: string; labels: Record<string, string> }[]) : [])(
    'routes $labels of $config',
    ({ config, labels, receivers }: { config: string; labels: Record<string, string>; receivers?: string[] }) => {
      const tree = buildRouteTree(load(`routing/${config}`).config.route);
      expect(matchRoutes(tree, labels).map(({ receiver }) => receiver)).toEqual(receivers);
    },
  );

  it.each(
    root ? (readJson('routing/route-tree-cases.json') as { labels: Record<string, string>; routes: object[] }[]) : [],
  )('gives $labels its routes with their options', ({ labels, routes }) => {
    const tree = buildRouteTree(load('routing/route-tree.yml').config.route);
    const duration = (ms: number | undefined) => (ms === undefined ? null : formatDuration(ms));
    const shown = matchRoutes(tree, labels).map((node) => ({
      receiver: node.receiver,
      group_by: node.groupBy.length === 0 ? null : node.groupBy,
      group_by_all: node.groupsByAll,
      group_wait: duration(node.groupWaitMs),
      group_interval: duration(node.groupIntervalMs),
      repeat_interval: duration(node.repeatIntervalMs),
      route_key: node.key,
    }));
    expect(shown).toEqual(routes);
  });
});
