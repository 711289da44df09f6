export { StatsdReceiver } from './statsd-receiver.ts';
