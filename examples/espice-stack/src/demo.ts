/**
 * `npm run demo`: the service, a mailbox and the ESpice stack under load, with one incident: data-processing burns a
 * processor core, the alert of the README fires, its mail arrives, the fault ends, the alert resolves. Then it runs on
 * until Ctrl-C; `-- --once` ends it there.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SystemServiceClient } from '@espice/system-service-client';
import { startLoad } from './load.ts';
import { openMailbox } from './mailbox.ts';
import { startStack } from './stack.ts';

const MAIN = fileURLToPath(new URL('../../../server/src/main.ts', import.meta.url));
const REQUESTS_PER_SECOND = 8;
const began = performance.now();

function say(text: string): void {
  console.log(`[${((performance.now() - began) / 1000).toFixed(0).padStart(3)} s] ${text}`);
}

/** Starts the service as `npm start` would and waits for its address. */
async function startHub(smtpUrl: string): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      DATA_DIR: resolve('data', 'demo'),
      LOG_LEVEL: 'warn',
      ...process.env,
      SMTP_URL: smtpUrl,
      SMTP_FROM: 'alerts@espice.example',
      ALERT_EMAIL_TO: 'ops@espice.example',
      ALERT_USERS: 'local',
    },
  });
  const { promise, resolve: found, reject } = Promise.withResolvers<string>();
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
    const match = /ready at (http:\/\/\S+?)\/?\s/.exec(printed);
    if (match) found(match[1]!);
  });
  child.once('exit', (code) => reject(new Error(`the service ended with ${code}`)));
  return { url: await promise, child };
}

// biome-ignore lint/suspicious/noExplicitAny: answers of the public API, read field by field
async function api(url: string, method: string, path: string, body?: unknown): Promise<any> {
  const answer = await fetch(`${url}${path}`, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function until(what: string, check: () => Promise<boolean> | boolean, withinSeconds: number): Promise<void> {
  const deadline = performance.now() + withinSeconds * 1000;
  while (!(await check())) {
    if (performance.now() > deadline) throw new Error(`${what}: not seen within ${withinSeconds} s`);
    await new Promise((wait) => setTimeout(wait, 500));
  }
}

const ALERT = {
  name: 'High CPU Usage',
  description: 'CPU usage above 90%',
  severity: 'warning',
  service: 'data-processing',
  threshold: 90,
};

async function tour(
  url: string,
  stack: Awaited<ReturnType<typeof startStack>>,
  mails: readonly { subject: string }[],
): Promise<void> {
  await until(
    'the first trace',
    async () => (await api(url, 'GET', '/api/traces?service=gateway&limit=1')).items.length > 0,
    60,
  );
  say(`the first traces are in: ${url}/traces`);
  await until(
    'all five services',
    async () => (await api(url, 'GET', '/api/monitoring/performance')).items.length >= 5,
    60,
  );
  say(`all five services are seen with their requests, errors and latencies: ${url}/services`);

  const known = (await api(url, 'GET', '/api/alerts')).items.find(
    (alert: { name: string }) => alert.name === ALERT.name,
  );
  const alert = known ?? (await api(url, 'POST', '/api/alerts', ALERT));
  say(`the alert "${alert.name}" watches ${alert.query} ${alert.operator} ${alert.threshold}`);
  await stack.setFault('data-processing', 'cpu', true);
  say('fault: data-processing burns a processor core');
  await until(
    'the firing alert',
    async () => (await api(url, 'GET', `/api/alerts/${alert.id}`)).state === 'firing',
    120,
  );
  say(`the alert fires: ${url}/alerts`);
  await until('its mail', () => mails.some((mail) => mail.subject.includes(ALERT.name)), 60);

  await stack.setFault('data-processing', 'cpu', false);
  say('the fault is over');
  await until(
    'the resolved alert',
    async () => (await api(url, 'GET', `/api/alerts/${alert.id}`)).state === 'inactive',
    180,
  );
  await until('its second mail', () => mails.filter((mail) => mail.subject.includes(ALERT.name)).length >= 2, 60);
  say('the alert is resolved');
}

async function main(): Promise<void> {
  const mailbox = await openMailbox((mail) => say(`mail to ${mail.to}: ${mail.subject}`));
  const hub = await startHub(mailbox.url);
  say(`System Service is ready: open ${hub.url}`);
  const client = new SystemServiceClient({ url: hub.url });
  const inbox = client.inbox('local', {
    onNotification: ({ subject }) => say(`in the inbox of local: ${subject}`),
  });
  const stack = await startStack(hub.url);
  await client.annotate({ kind: 'deploy', title: 'Deploy of the demo stack', tags: ['demo'] });
  const load = startLoad(stack.ports.gateway, REQUESTS_PER_SECOND);
  say(`five services run under ${REQUESTS_PER_SECOND} requests a second`);

  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      load.stop();
      inbox.close();
      await stack.stop();
      const exited = new Promise((done) => hub.child.once('exit', done));
      hub.child.kill('SIGTERM');
      if (hub.child.exitCode === null) await exited;
      await mailbox.close();
      say('stopped');
    })();
    return stopping;
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void stop().then(() => process.exit(0)));

  try {
    await tour(hub.url, stack, mailbox.mails);
    if (process.argv.includes('--once')) return await stop();
    say('it all runs on until Ctrl-C. Switch faults (slow, errors, cpu, memory) of a service by:');
    for (const [name, port] of Object.entries(stack.ports)) {
      console.log(`  curl http://127.0.0.1:${port}/faults -d '{"fault":"slow","enabled":true}'   # ${name}`);
    }
  } catch (error) {
    say(`the demo failed: ${(error as Error).message}`);
    process.exitCode = 1;
    await stop();
  }
}

await main();
