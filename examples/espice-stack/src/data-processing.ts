/** Reads netlists: SPICE text into numbers of nodes and devices. */
import { trace } from '@opentelemetry/api';
import { serve } from './http-service.ts';
import { log } from './log.ts';

const tracer = trace.getTracer('data-processing');

interface Circuit {
  readonly nodes: number;
  readonly devices: number;
}

/** A device line is `R1 in out 1k`: its name, two nodes, a value. Comments start with `*`, commands with `.`. */
function parse(netlist: string): Circuit {
  const nodes = new Set<string>();
  let devices = 0;
  for (const line of netlist.split('\n')) {
    const [name, from, to] = line.trim().split(/\s+/);
    if (!name || !from || !to || /^[*.]/.test(name)) continue;
    devices++;
    nodes.add(from).add(to);
  }
  return { nodes: nodes.size, devices };
}

serve({
  'POST /netlists': ({ body }) => {
    const circuit = tracer.startActiveSpan('parse netlist', (span) => {
      const parsed = parse(String(body.netlist ?? ''));
      span.setAttributes({ 'espice.nodes': parsed.nodes, 'espice.devices': parsed.devices });
      span.end();
      return parsed;
    });
    log.info('netlist parsed', { nodes: circuit.nodes, devices: circuit.devices });
    return { status: 200, body: circuit };
  },
});
