// A process that lets an alert fire and resolve for ever, in virtual time, on the database of its first argument. It
// writes a dot each time, and lives until it is killed.
import { AlertingBench } from './alerting-bench.ts';

const [url, start] = process.argv.slice(2);
const bench = await AlertingBench.on(url!, Number(start));
const figure = (value: number) => {
  for (const host of ['a', 'b', 'c']) bench.figures.set('load', value, { host });
};
figure(1);
if (bench.alerting.list().length === 0) await bench.create({ name: 'Busy', metric: 'load', threshold: 5 });
for (;;) {
  figure(9);
  await bench.pass(10, 5);
  figure(1);
  await bench.pass(10, 5);
  process.stdout.write('.');
}
