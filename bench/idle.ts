/**
 * What the service costs when nobody sends anything: time to ready, resident memory and processor use of the listening
 * process, own host collected, nothing else. Linux only. `npm run bench -- idle [seconds]`
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort } from '../server/src/app/free-port.ts';
import { startTestService } from '../tests/support/service.ts';

/** As people start it: `npm start` replaces its shell, so that the process measured is the service. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as { scripts: { start: string } };
const CLOCK_TICKS_PER_SECOND = 100;
const seconds = Number(process.argv[2] ?? 60);

/** User and system time of a process in seconds: fields 14 and 15 of proc(5) stat, counted after the name's bracket. */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
}

function memory(pid: number, field: string): number {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(match?.[1]) / 1024;
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const began = performance.now();
const env = {
  OTLP_HTTP_PORT: String(await freePort('127.0.0.1')),
  OTLP_GRPC_PORT: String(await freePort('127.0.0.1')),
};
const service = await startTestService({ env, command: ['sh', '-c', `cd '${ROOT}' && ${scripts.start}`] });
const ready = (performance.now() - began) / 1000;
try {
  // The first seconds still compile and load: they are not idle.
  await pause(20_000);
  const from = processorSeconds(service.pid);
  await pause(seconds * 1000);
  const share = (processorSeconds(service.pid) - from) / seconds;
  console.log('| figure | bar | measured |');
  console.log('|---|---|---|');
  console.log(`| ready after | 10 s | ${ready.toFixed(1)} s |`);
  console.log(`| resident memory | 400 MiB | ${memory(service.pid, 'VmRSS').toFixed(0)} MiB |`);
  console.log(`| of it anonymous | | ${memory(service.pid, 'RssAnon').toFixed(0)} MiB |`);
  console.log(`| processor, one core | 3 % | ${(share * 100).toFixed(1)} % |`);
} finally {
  await service.stop();
}
