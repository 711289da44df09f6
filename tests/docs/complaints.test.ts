import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const PAGE = join(import.meta.dirname, '../../docs/complaints.md');
const [, , ...rows] = readFileSync(PAGE, 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') || line.startsWith('|-'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

/** The threads in the titles of a file's tests: `alertmanager#2205, #2111` is two of one project. */
function threadsIn(file: string): Set<string> {
  const titles = readFileSync(file, 'utf8').matchAll(/\(([\w-]+#\d+(?:, (?:[\w-]+)?#\d+)*)\)/g);
  const threads = [...titles].flatMap(([, list]) => {
    let project = '';
    return list!.split(', ').map((thread) => {
      const [name, number] = thread.split('#');
      project = name || project;
      return `${project}#${number}`;
    });
  });
  return new Set(threads);
}

it.each(rows.map(([, what, threads, , tests]) => ({ what: what!, threads: threads!, tests: tests! })))(
  'docs/complaints.md, "$what": tests of that name are where it says',
  ({ threads, tests }) => {
    const files = [...tests.matchAll(/\]\(([^)]+)\)/g)].map(([, path]) => join(dirname(PAGE), path!));
    expect(files).not.toEqual([]);
    const named = new Set(files.flatMap((file) => [...threadsIn(file)]));
    expect(threads.split(', ').filter((thread) => !named.has(thread))).toEqual([]);
  },
);
