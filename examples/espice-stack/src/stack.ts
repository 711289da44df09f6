import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Fault } from './faults.ts';

const SERVICES = ['gateway', 'data-processing', 'model-validation', 'simulation', 'user-management'] as const;
type ServiceName = (typeof SERVICES)[number];

export interface Stack {
  readonly ports: Readonly<Record<ServiceName, number>>;
  setFault(service: ServiceName, fault: Fault, enabled: boolean): Promise<void>;
  stop(): Promise<void>;
}

const source = (file: string) => fileURLToPath(new URL(`./${file}`, import.meta.url));

/** Starts the five services as processes of their own, exporting to an OTLP/HTTP endpoint, and waits until they answer. */
export async function startStack(endpoint: string, environment = 'demo'): Promise<Stack> {
  const ports = Object.fromEntries(
    await Promise.all(SERVICES.map(async (name) => [name, await freePort()])),
  ) as Stack['ports'];
  const children = SERVICES.map((name) => startService(name, ports, endpoint, environment));
  const stack: Stack = {
    ports,
    setFault: async (service, fault, enabled) => {
      const answer = await post(ports[service], '/faults', { fault, enabled });
      if (!answer.ok) throw new Error(`${service} did not switch ${fault}: ${await answer.text()}`);
    },
    stop: async () => {
      await Promise.all(children.map(stopService));
    },
  };
  try {
    await Promise.all(SERVICES.map((name, index) => untilReady(name, ports[name], children[index]!)));
  } catch (error) {
    await stack.stop();
    throw error;
  }
  return stack;
}

function startService(name: ServiceName, ports: Stack['ports'], endpoint: string, environment: string): ChildProcess {
  return spawn(process.execPath, ['--import', source('telemetry.ts'), source(`${name}.ts`)], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env.PATH ?? '',
      ...(process.env.NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }),
      PORT: String(ports[name]),
      STACK_PORTS: Object.entries(ports)
        .map(([service, port]) => `${service}=${port}`)
        .join(','),
      OTEL_SERVICE_NAME: name,
      OTEL_RESOURCE_ATTRIBUTES: `deployment.environment.name=${environment},service.instance.id=${name}-1`,
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_LOGS_EXPORTER: 'otlp',
      OTEL_METRIC_EXPORT_INTERVAL: '5000',
      OTEL_METRIC_EXPORT_TIMEOUT: '4000',
      OTEL_BSP_SCHEDULE_DELAY: '1000',
      OTEL_BLRP_SCHEDULE_DELAY: '1000',
      OTEL_NODE_RESOURCE_DETECTORS: 'env,host,process',
    },
  });
}

async function stopService(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await exited;
  clearTimeout(killer);
}

async function untilReady(name: string, port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode} at its start`);
    const isReady = await fetch(`http://127.0.0.1:${port}/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (isReady) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${name} did not become ready`);
}

function post(port: number, path: string, body: unknown): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
