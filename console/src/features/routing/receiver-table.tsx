import type { RoutingView } from '../../api-client/types.ts';
import { nameOfChannel } from '../../components/channel-names.ts';
import { Panel } from '../../components/panel.tsx';
import table from '../../components/table.module.css';

interface ReceiverTableProps {
  receivers: RoutingView['receivers'];
  /** How many routes lead to each. */
  routes: ReadonlyMap<string, number>;
}

/** Where each receiver sends to; of addresses that are credentials the host alone. */
export function ReceiverTable({ receivers, routes }: ReceiverTableProps) {
  return (
    <Panel title="Receivers" flush>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Receiver</th>
            <th scope="col">Sends to</th>
            <th scope="col" className={table.number}>
              Routes
            </th>
          </tr>
        </thead>
        <tbody>
          {receivers.map(({ name, integrations, default_recipients, escalation_policy }) => (
            <tr key={name}>
              <th scope="row" className={table.tight}>
                {name}
              </th>
              <td>
                {[
                  ...integrations.map(({ channel, recipient }) => `${nameOfChannel(channel)}: ${recipient}`),
                  ...(default_recipients ? ['the default recipients'] : []),
                  ...(escalation_policy === null ? [] : [`escalation policy: ${escalation_policy}`]),
                ].join(', ') || <span className="faint">nobody</span>}
              </td>
              <td className={table.number}>{routes.get(name) ?? 0}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
