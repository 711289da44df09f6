/** The stack under load, alone: it sends its telemetry to OTEL_EXPORTER_OTLP_ENDPOINT until it is stopped. */
import { startLoad } from './load.ts';
import { startStack } from './stack.ts';

const REQUESTS_PER_SECOND = 8;
const endpoint = process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? 'http://localhost:8013';

const stack = await startStack(endpoint);
const load = startLoad(stack.ports.gateway, REQUESTS_PER_SECOND);
console.log(`five services run under ${REQUESTS_PER_SECOND} requests a second and report to ${endpoint}`);
for (const [name, port] of Object.entries(stack.ports)) {
  console.log(`  faults of ${name}: POST {"fault": "slow", "enabled": true} to http://127.0.0.1:${port}/faults`);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    load.stop();
    void stack.stop().then(() => process.exit(0));
  });
}
