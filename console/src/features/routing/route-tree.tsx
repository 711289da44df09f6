import { IconArrowRight, IconClock, IconMoonStars, IconSquaresFilled, IconSunHigh } from '@tabler/icons-react';
import type { RouteNode } from './route-node.ts';
import classes from './route-tree.module.css';

interface RouteTreeProps {
  root: RouteNode;
  /** Keys of the routes that the tested alert goes, and of all above them. */
  taken: ReadonlySet<string>;
  reached: ReadonlySet<string>;
}

/** The routes as Alertmanager walks them: from the top, the first that fits, then its children. */
export function RouteTree({ root, taken, reached }: RouteTreeProps) {
  return (
    <ul className={classes.tree} aria-label="Routes">
      <Node node={root} isRoot taken={taken} reached={reached} />
    </ul>
  );
}

interface NodeProps extends Omit<RouteTreeProps, 'root'> {
  node: RouteNode;
  isRoot?: boolean;
}

function Node({ node, isRoot = false, taken, reached }: NodeProps) {
  const state = reached.has(node.key) ? 'reached' : taken.has(node.key) ? 'passed' : undefined;
  return (
    <li className={classes.branch} data-root={isRoot} data-taken={taken.has(node.key)}>
      <div className={classes.card} data-state={state}>
        <div className={classes.line}>
          <span className={classes.matchers}>
            {node.matchers.length === 0 ? <span className={classes.every}>Every alert</span> : null}
            {node.matchers.map((matcher) => (
              <code key={matcher} className={classes.matcher}>
                {matcher}
              </code>
            ))}
          </span>
          <IconArrowRight size={15} className={classes.arrow} aria-label="goes to" />
          <span className={classes.receiver}>{node.receiver}</span>
          {state === 'reached' ? <span className={classes.here}>goes here</span> : null}
          {node.continues ? (
            <span className={classes.tag} title="Alerts that go here are also shown to the routes after this one">
              continues
            </span>
          ) : null}
        </div>
        <Terms node={node} />
      </div>
      {node.children.length > 0 ? (
        <ul className={classes.children}>
          {node.children.map((child, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: routes have no other identity than their place
            <Node key={index} node={child} taken={taken} reached={reached} />
          ))}
        </ul>
      ) : null}
    </li>
  );
}

/** How it groups, waits and pauses. */
function Terms({ node }: { node: RouteNode }) {
  const terms = [
    { icon: IconSquaresFilled, name: 'Grouped by', text: describeGrouping(node.groupBy) },
    { icon: IconClock, name: 'Times', text: node.timings.join(', ') },
    {
      icon: IconMoonStars,
      name: 'Muted in',
      text: node.mutedIn.length > 0 ? `quiet in ${node.mutedIn.join(', ')}` : '',
    },
    {
      icon: IconSunHigh,
      name: 'Active in',
      text: node.activeIn.length > 0 ? `only in ${node.activeIn.join(', ')}` : '',
    },
  ].filter(({ text }) => text !== '');
  return (
    <div className={classes.terms}>
      {terms.map(({ icon: Icon, name, text }) => (
        <span key={name} className={classes.term} title={name}>
          <Icon size={12} stroke={1.8} aria-hidden="true" />
          {text}
        </span>
      ))}
    </div>
  );
}

function describeGrouping(by: readonly string[]): string {
  if (by.includes('...')) return 'each alert by itself';
  return by.length === 0 ? 'all together' : `by ${by.join(', ')}`;
}
