/**
 * Loaded before a service (`node --import`): its wall clock is off by as many milliseconds as the file CLOCK_OFFSET
 * says, as if somebody had set it. The clock that nobody sets (`performance.now()`, timers) goes on as it was.
 */
import { readFileSync, watchFile } from 'node:fs';

const file = process.env.CLOCK_OFFSET!;
const RealDate = Date;
let offset = 0;
const read = () => {
  offset = Number(readFileSync(file, 'utf8'));
};
read();
watchFile(file, { interval: 20, persistent: false }, read);

const now = () => RealDate.now() + offset;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, words) => Reflect.construct(target, words.length === 0 ? [now()] : words),
  get: (target, name, receiver) => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});
