import { Link } from '@tanstack/react-router';
import { AlertStateBadge, Badge, type Tone } from '../../components/badges.tsx';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { formatMilliseconds, formatSeconds } from '../../format/number.ts';
import classes from './rule-group-table.module.css';
import { type GroupRule, type RuleGroup, timeOf } from './use-rule-groups.ts';

const HEALTH: Record<GroupRule['health'], { tone: Tone; text: string }> = {
  ok: { tone: 'ok', text: 'OK' },
  err: { tone: 'error', text: 'Fails' },
  unknown: { tone: 'unknown', text: 'Not run yet' },
};

/** A group of a rule file: its rules in the order in which they run. */
export function RuleGroupTable({ group }: { group: RuleGroup }) {
  return (
    <section className={classes.group} aria-label={`Group ${group.name}`}>
      <div className={classes.head}>
        <h3 className={classes.name}>{group.name}</h3>
        <span className="muted">
          every {formatSeconds(group.interval)}, last <RelativeTime time={timeOf(group.lastEvaluation)} />, took{' '}
          {formatMilliseconds(group.evaluationTime * 1000)}
        </span>
      </div>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Health</th>
            <th scope="col">Rule</th>
            <th scope="col">State</th>
            <th scope="col" className={`${table.number} ${table.minor}`}>
              Took
            </th>
          </tr>
        </thead>
        <tbody>
          {group.rules.map((rule, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two rules of a group may have the same name
            <tr key={index}>
              <td className={table.tight}>
                <Badge tone={HEALTH[rule.health].tone} soft={false}>
                  {HEALTH[rule.health].text}
                </Badge>
              </td>
              <th scope="row" className={table.wide}>
                {rule.name}
                <div className={`${table.detail} mono`} title={rule.query}>
                  <Link to="/explore" search={{ query: rule.query }}>
                    {rule.query}
                  </Link>
                </div>
                {rule.lastError ? <div className={classes.error}>{rule.lastError}</div> : null}
              </th>
              <td className={table.tight}>
                {rule.state ? <AlertStateBadge state={rule.state} /> : <span className="muted">recorded</span>}
              </td>
              <td className={`${table.number} ${table.minor}`}>{formatMilliseconds(rule.evaluationTime * 1000)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
