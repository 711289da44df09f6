/** Runs simulations one after the other from a queue; putting in and taking out are producer and consumer spans. */
import { context, metrics, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { serve } from './http-service.ts';
import { log } from './log.ts';

interface Job {
  readonly id: string;
  readonly devices: number;
  /** The W3C trace context of who asked, as a message broker would carry it in headers. */
  readonly carrier: Record<string, string>;
  state: 'queued' | 'running' | 'done';
  voltage?: number;
}

const QUEUE_LIMIT = 200;
const attributes = { 'messaging.system': 'in_memory', 'messaging.destination.name': 'simulations' };
const tracer = trace.getTracer('simulation');
const queue: Job[] = [];
const jobs = new Map<string, Job>();
let working = false;
let lastId = 0;

metrics
  .getMeter('simulation')
  .createObservableGauge('espice.queue.length', { unit: '{job}', description: 'Simulations that wait' })
  .addCallback((result) => result.observe(queue.length));

function enqueue(devices: number): Job {
  return tracer.startActiveSpan('send simulations', { kind: SpanKind.PRODUCER, attributes }, (span) => {
    const job: Job = { id: `job-${++lastId}`, devices, carrier: {}, state: 'queued' };
    propagation.inject(context.active(), job.carrier);
    queue.push(job);
    jobs.set(job.id, job);
    if (jobs.size > 10 * QUEUE_LIMIT) jobs.delete(jobs.keys().next().value!);
    span.end();
    return job;
  });
}

async function work(): Promise<void> {
  if (working) return;
  working = true;
  for (let job = queue.shift(); job; job = queue.shift()) await run(job);
  working = false;
}

function run(job: Job): Promise<void> {
  const parent = propagation.extract(ROOT_CONTEXT, job.carrier);
  return tracer.startActiveSpan(
    'process simulations',
    { kind: SpanKind.CONSUMER, attributes },
    parent,
    async (span) => {
      job.state = 'running';
      job.voltage = solve(job.devices);
      await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 20));
      job.state = 'done';
      log.info('simulation finished', { job: job.id, devices: job.devices });
      span.end();
    },
  );
}

/** A ladder of equal resistors by relaxation: some real arithmetic. */
function solve(devices: number): number {
  const voltages = new Float64Array(devices + 2);
  voltages[0] = 5;
  for (let sweep = 0; sweep < 200; sweep++) {
    for (let node = 1; node <= devices; node++) voltages[node] = (voltages[node - 1]! + voltages[node + 1]!) / 2;
  }
  return voltages[Math.ceil(devices / 2)]!;
}

serve({
  'POST /jobs': ({ body }) => {
    if (queue.length >= QUEUE_LIMIT) {
      log.error('the queue is full', { length: queue.length });
      return { status: 503, body: { error: 'the queue is full' } };
    }
    const job = enqueue(Number(body.devices));
    setImmediate(() => void work());
    return { status: 202, body: { id: job.id } };
  },
  'GET /jobs': ({ id }) => {
    const job = jobs.get(id);
    return job
      ? { status: 200, body: { id: job.id, state: job.state, voltage: job.voltage } }
      : { status: 404, body: { error: `no job ${id}` } };
  },
});
