import { describe, expect, it } from 'vitest';
import type { Targets } from '../../api-client/types.ts';
import { byTrouble, matching } from './by-trouble.ts';

type Target = Targets['activeTargets'][number];

function target(scrapeUrl: string, health: Target['health'], labels: Record<string, string> = {}): Target {
  return { scrapeUrl, health, labels } as Target;
}

const targets = [target('http://h10', 'up'), target('http://h9', 'up', { env: 'Prod' }), target('http://z', 'down')];

describe('targets', () => {
  it('come with those in trouble first', () => {
    expect(byTrouble(targets).map(({ scrapeUrl }) => scrapeUrl)).toEqual(['http://z', 'http://h9', 'http://h10']);
  });

  it('are found by address and label', () => {
    expect(matching(targets, 'H1')).toEqual([targets[0]]);
    expect(matching(targets, 'env=prod')).toEqual([targets[1]]);
    expect(matching(targets, '')).toEqual(targets);
  });
});
