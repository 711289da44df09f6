/**
 * Rule groups at work: 1,000 rules every 15 s that hold 10,000 alerts, half of the rules recording what the others read.
 * How late a group begins, whether one was missed, how long it takes, processor time and memory of the service.
 * Linux only. `npm run bench -- rules [--rules 1000] [--instances 10000] [--seconds 120]`
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { apiOf } from '../tests/support/api.ts';
import { eventually } from '../tests/support/eventually.ts';
import { startTestService } from '../tests/support/service.ts';
import { readOptions } from './measure/options.ts';
import { ForeignWork, memoryMiB, processorSeconds } from './measure/process-figures.ts';
import { quantile } from './measure/statistics.ts';
import { figure, markdownTable } from './measure/table.ts';
import { removeFolder, temporaryFolder } from './sides/temporary-folder.ts';
import { encodeLabels, REMOTE_WRITE_HEADERS, RemoteWriteBody } from './workload/remote-write-body.ts';
import { SnappyCompressor } from './workload/snappy-compressor.ts';

const INTERVAL_MS = 15_000;
const RULES_OF_A_GROUP = 10;
/** One series in so many is below its threshold for a round: some alerts end and others begin in every evaluation. */
const FLAPPING = 100;
const CHECK_EVERY_MS = 1000;

const { rules, instances, seconds } = readOptions({ rules: 1000, instances: 10_000, seconds: 120 });
const alerting = rules / 2;
const perRule = instances / alerting;
if (rules % RULES_OF_A_GROUP !== 0 || !Number.isInteger(perRule)) {
  console.error(`--rules must be whole groups of ${RULES_OF_A_GROUP}, and --instances the same for each half of them`);
  process.exit(2);
}

/** Each alert reads what the rule before it has just recorded. */
function ruleFile(): string {
  const lines = ['groups:'];
  for (let queue = 0; queue < alerting; queue++) {
    if (queue % (RULES_OF_A_GROUP / 2) === 0) {
      lines.push(`  - name: group-${queue}`, `    interval: ${INTERVAL_MS / 1000}s`, '    rules:');
    }
    lines.push(
      `      - record: queue:load:now`,
      `        expr: max by (queue, instance) (last_over_time(bench_load{queue="${queue}"}[1m]))`,
      `        labels: {kind: newest}`,
      `      - alert: Busy${queue}`,
      `        expr: queue:load:now{queue="${queue}"} > 0.5`,
      `        labels: {severity: '{{ if gt $value 0.9 }}critical{{ else }}warning{{ end }}'}`,
      `        annotations: {summary: '{{ $labels.instance }} is at {{ $value | humanizePercentage }}'}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Where in the interval a group should begin: at its earliest, which is what the longest pause around the clock ends at. */
function plannedPhase(times: readonly number[]): number {
  const phases = times.map((time) => time % INTERVAL_MS).sort((a, b) => a - b);
  const pauses = phases.map((phase, index) => phase - (phases[index - 1] ?? phases.at(-1)! - INTERVAL_MS));
  return phases[pauses.indexOf(Math.max(...pauses))]!;
}

const labels = Array.from({ length: instances }, (_, index) =>
  encodeLabels({ __name__: 'bench_load', queue: String(index % alerting), instance: `host-${index}`, job: 'bench' }),
);
const [body, compressor] = [new RemoteWriteBody(), new SnappyCompressor()];
let round = 0;

async function push(url: string): Promise<void> {
  const now = Date.now();
  for (const [index, series] of labels.entries()) {
    const load = (index + round) % FLAPPING === 0 ? 0.1 : 0.6 + ((index * 7 + round) % 30) / 100;
    body.add(series, now, load);
  }
  round++;
  const answer = await fetch(`${url}/api/v1/write`, {
    method: 'POST',
    headers: REMOTE_WRITE_HEADERS,
    body: new Uint8Array(compressor.compress(body.take())),
  });
  if (!answer.ok) throw new Error(`the service took no samples: ${answer.status} ${await answer.text()}`);
}

const folder = temporaryFolder('rules');
const config = join(folder, 'system-service.yaml');
const ruleFilePath = join(folder, 'rules.yml');
writeFileSync(ruleFilePath, ruleFile());
writeFileSync(
  config,
  `
rule_files: ['${ruleFilePath}']
route: {receiver: none, group_by: [alertname]}
receivers: [{name: none}]
`,
);
const service = await startTestService({ env: { CONFIG_FILE: config } });
let failure: unknown;
const pushing = setInterval(() => push(service.url).catch((error: unknown) => (failure ??= error)), INTERVAL_MS);
try {
  const api = apiOf(service.url);
  const ask = async (query: string) => {
    const { body: answer } = await api.get(`/api/v1/query?query=${encodeURIComponent(query)}`);
    return answer.data.result as {
      metric: Record<string, string>;
      value: [number, string];
      values: [number, string][];
    }[];
  };
  const number = async (query: string) => Number((await ask(query))[0]?.value[1] ?? 0);
  await push(service.url);
  await eventually(
    async () => {
      const firing = await number('count(ALERTS{alertstate="firing"})');
      if (firing < instances * 0.98) throw new Error(`${firing} of ${instances} alerts fire`);
    },
    120_000,
    CHECK_EVERY_MS,
  );
  // Code is compiled and new series are written in the first rounds.
  await pause(2 * INTERVAL_MS);
  const worked = processorSeconds(service.pid);
  const foreign = new ForeignWork(service.pid);
  await pause(seconds * 1000);
  const share = (processorSeconds(service.pid) - worked) / seconds;
  const others = foreign.share();
  if (failure !== undefined) throw failure;
  const firings = await number('count(ALERTS{alertstate="firing"})');

  // Where a rule of a group wrote, the group was evaluated: one series of each group tells its times.
  const groups = alerting / (RULES_OF_A_GROUP / 2);
  const first = Array.from({ length: groups }, (_, group) => `host-${group * (RULES_OF_A_GROUP / 2)}`).join('|');
  const written = await ask(`queue:load:now{instance=~"${first}"}[${seconds}s]`);
  const lateness: number[] = [];
  let missed = 0;
  for (const { values } of written) {
    const times = values.map(([time]) => Math.round(time * 1000));
    const onTime = plannedPhase(times);
    for (const [index, time] of times.entries()) {
      lateness.push((time - onTime) % INTERVAL_MS);
      if (index > 0) missed += Math.round((time - times[index - 1]!) / INTERVAL_MS) - 1;
    }
  }
  const { body: listed } = await api.get('/api/v1/rules?exclude_alerts=true');
  const shown = listed.data.groups as { evaluationTime: number; rules: { health: string }[] }[];
  const durations = shown.map(({ evaluationTime }) => evaluationTime * 1000);
  const failing = shown.flatMap((group) => group.rules).filter(({ health }) => health !== 'ok').length;

  console.log(
    `${rules} rules in ${groups} groups every ${INTERVAL_MS / 1000} s, ${instances} series, for ${seconds} s`,
  );
  console.log(
    markdownTable(
      ['figure', 'measured'],
      [
        ['alerts that fire', figure(firings)],
        ['evaluations of groups', figure(lateness.length)],
        ['of groups missed', figure(missed)],
        ['rules that fail', figure(failing)],
        ['beginning of a group late, median', `${figure(quantile(lateness, 0.5))} ms`],
        ['the same, 99th percentile', `${figure(quantile(lateness, 0.99))} ms`],
        ['the same, most', `${figure(Math.max(...lateness))} ms`],
        ['evaluation of a group, median', `${figure(quantile(durations, 0.5))} ms`],
        ['the same, most', `${figure(Math.max(...durations))} ms`],
        ['processor, one core', `${(share * 100).toFixed(0)} %`],
        ['resident memory', `${memoryMiB(service.pid, 'VmRSS').toFixed(0)} MiB`],
        ['others on the machine, one core', `${(others * 100).toFixed(0)} %`],
      ],
    ),
  );
} finally {
  clearInterval(pushing);
  await service.stop();
  removeFolder(folder);
}
