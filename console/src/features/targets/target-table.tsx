import type { Targets } from '../../api-client/types.ts';
import { Badge, type Tone } from '../../components/badges.tsx';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { formatMilliseconds } from '../../format/number.ts';
import { byTrouble } from './by-trouble.ts';

type Target = Targets['activeTargets'][number];

const STATES: Record<Target['health'], readonly [Tone, string]> = {
  up: ['ok', 'Up'],
  down: ['critical', 'Down'],
  unknown: ['unknown', 'Not scraped yet'],
};

/** The targets of one job, those in trouble first. */
export function TargetTable({ targets }: { targets: readonly Target[] }) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">Target</th>
          <th scope="col">State</th>
          <th scope="col" className={table.minor}>
            Labels
          </th>
          <th scope="col">Last scrape</th>
          <th scope="col" className={`${table.number} ${table.minor}`}>
            Took
          </th>
          <th scope="col" className={`${table.number} ${table.minor}`}>
            Every
          </th>
        </tr>
      </thead>
      <tbody>
        {byTrouble(targets).map((target) => (
          <TargetRow key={`${target.scrapeUrl} ${JSON.stringify(target.labels)}`} target={target} />
        ))}
      </tbody>
    </table>
  );
}

function TargetRow({ target }: { target: Target }) {
  const [tone, word] = STATES[target.health];
  const labels = Object.entries(target.labels).map(([name, value]) => `${name}="${value}"`);
  const isScraped = target.health !== 'unknown';
  return (
    <tr>
      <th scope="row">
        <span className="mono">{target.scrapeUrl}</span>
        {target.lastError ? <div className={table.detail}>{target.lastError}</div> : null}
      </th>
      <td className={table.tight}>
        <Badge tone={tone} soft={target.health !== 'up'}>
          {word}
        </Badge>
      </td>
      <td className={`${table.minor} muted`}>{labels.join(', ')}</td>
      <td className={`${table.tight} muted`}>
        <RelativeTime time={isScraped ? target.lastScrape : null} />
      </td>
      <td className={`${table.number} ${table.minor}`}>
        {formatMilliseconds(isScraped ? target.lastScrapeDuration * 1000 : undefined)}
      </td>
      <td className={`${table.number} ${table.minor}`}>{target.scrapeInterval}</td>
    </tr>
  );
}
