/**
 * Loaded before each service (`node --import`): the OpenTelemetry SDK as any Node application would set it up. Where
 * the data goes, and the service's name, come from the standard variables (OTEL_EXPORTER_OTLP_ENDPOINT, ...).
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { HostMetrics } from '@opentelemetry/host-metrics';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK({
  instrumentations: [
    new HttpInstrumentation({
      ignoreIncomingRequestHook: (request) => request.url === '/faults' || request.url === '/ready',
    }),
  ],
});
sdk.start();
// The instrumentation patches what `require` gives; ES imports of built-in modules see that after this.
createRequire(import.meta.url)('node:http');
syncBuiltinESMExports();
new HostMetrics({ metricGroups: ['process.cpu', 'process.memory'] }).start();

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    setTimeout(() => process.exit(0), 2000).unref();
    void sdk.shutdown().finally(() => process.exit(0));
  });
}
