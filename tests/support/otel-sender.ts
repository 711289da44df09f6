/**
 * A service instrumented with the OpenTelemetry SDK, configured by its environment: it numbers its spans and log
 * records, twenty a second, until its input ends; then it exports what it still has and prints how many there were.
 */
import { logs, trace } from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';

const sdk = new NodeSDK();
sdk.start();
const tracer = trace.getTracer('sender');
const logger = logs.getLogger('sender');
let sent = 0;
const timer = setInterval(() => {
  tracer.startSpan(`span ${sent}`).end();
  logger.emit({ body: `record ${sent}` });
  sent++;
}, 50);
process.stdin.once('end', async () => {
  clearInterval(timer);
  await sdk.shutdown();
  process.stdout.write(`${sent}\n`);
});
process.stdin.resume();
process.stdout.write('started\n');
